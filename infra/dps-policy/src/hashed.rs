//! Registration ids that a log hashes, and the key of the hashes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use dps_fleet::fleet::Revealed;

use crate::source::{self, LOG_ID_KEY};

/// Ids that the hashes of a log may stand for.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Hashed {
    /// Registration ids, one per line, if the log hashes them by `LOG_ID_KEY`
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
}

impl Hashed {
    /// # Errors
    /// When the file cannot be read, or there is no key.
    pub(crate) fn revealed(&self) -> anyhow::Result<Option<Arc<Revealed>>> {
        let Some(file) = &self.ids else {
            return Ok(None);
        };
        let key = source::id_key()?.with_context(|| {
            format!("--ids needs the key of the hashes; set {LOG_ID_KEY} to that of the webhook")
        })?;
        let ids = ids(file)?;
        let revealed = Revealed::new(&key, ids.lines().map(str::trim));
        Ok(Some(Arc::new(revealed)))
    }
}

/// A file with registration ids, one per line.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn ids(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file);
    text.with_context(|| format!("`{}` cannot be read", file.display()))
}
