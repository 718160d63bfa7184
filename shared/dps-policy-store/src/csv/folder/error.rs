//! Why a folder cannot be read or changed.

use std::io;
use std::path::PathBuf;

/// The tables could not be read; a mistake in what they say is a [finding](dps_allocation::Finding) instead.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The folder is missing, or may not be listed.
    #[error("`{}` cannot be listed: {source}; it should be the folder of the config tables", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder without any table is a wrong path or a missing mount, not an empty policy.
    #[error("`{}` holds no config table; put at least `hubs.csv` there", path.display())]
    NoTables {
        /// The folder.
        path: PathBuf,
    },
    /// A file exists and cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl ReadError {
    /// Whether the folder is missing, or holds no table.
    #[must_use]
    pub fn is_nothing_there(&self) -> bool {
        match self {
            Self::Folder { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::NoTables { .. } => true,
            Self::File { .. } => false,
        }
    }
}

/// Why a row was not changed; the file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The folder is not what was read.
    #[error("somebody has edited `{}` in the meantime; nothing was changed: try again", path.display())]
    Edited {
        /// The folder.
        path: PathBuf,
    },
    /// The row cannot be found in the text, or the new text would not be read as the new row.
    #[error("`{}` has a layout that cannot be kept; edit it by hand", path.display())]
    Layout {
        /// The file.
        path: PathBuf,
    },
    /// The folder cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file cannot be written.
    #[error("`{}` cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
