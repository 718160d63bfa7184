//! Which revision a folder was pulled at, in a hidden file of it: what its edits are based on.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::Context as _;
use dps_allocation::Revision;

/// The revision, and of which tables it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    pub(crate) revision: Revision,
    pub(crate) source: String,
}

/// Readers of config tables leave hidden files alone.
const FILE: &str = ".revision";

const COMMENT: &str = "# The revision that `dps-policy pull` has written here. `dps-policy push` \
                       refuses to write over later\n# edits of others. It is of this copy alone: \
                       keep it out of version control.\n";

impl Base {
    /// None where the folder was not pulled, or the file is not one of ours.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = path(folder);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(error).with_context(|| format!("`{}` cannot be read", path.display()))
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        Some(Self {
            revision: value("revision: ")?.parse().ok()?,
            source: value("of: ")?.to_owned(),
        })
    }

    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let path = path(folder);
        let Self { revision, source } = self;
        let text = format!("{COMMENT}revision: {revision}\nof: {source}\n");
        let written = fs::write(&path, text);
        written.with_context(|| format!("`{}` cannot be written", path.display()))
    }

    /// The folder holds no revision.
    ///
    /// # Errors
    /// When the file is there and cannot be removed.
    pub(crate) fn remove(folder: &Path) -> anyhow::Result<()> {
        let path = path(folder);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("`{}` cannot be removed", path.display()))
            }
            _ => Ok(()),
        }
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}
