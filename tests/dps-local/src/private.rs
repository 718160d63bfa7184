//! Files that only their owner can read.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;

/// What becomes of a file that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Private {
    Replaced,
    /// Nothing is written.
    Kept,
}

impl Private {
    pub(crate) fn write(self, path: &Path, text: &str) -> anyhow::Result<()> {
        let mut options = OpenOptions::new();
        let options = match self {
            Self::Replaced => options.create(true).truncate(true),
            Self::Kept => options.create_new(true),
        };
        let file = options.write(true).mode(0o600).open(path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| match self {
            Self::Replaced => format!("cannot write `{}`", path.display()),
            Self::Kept => format!(
                "cannot write `{}`, which has to be a new file",
                path.display()
            ),
        })
    }
}
