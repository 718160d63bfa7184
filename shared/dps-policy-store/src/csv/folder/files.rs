//! The bytes of a folder's files.

use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use dps_allocation::Finding;
use dps_allocation::tables::TableName;
use sha2::{Digest, Sha256};

use super::error::ReadError;
use super::found::FoundFile;
use crate::files::open_below;
use crate::fingerprint::{Fingerprint, FingerprintBuilder};

/// A folder of config tables: `hubs.csv`, `tenants.csv` and so on.
///
/// A file that is not there is an empty table. Files with other endings and hidden files are left
/// alone; a file that ends in `.csv` and names no table is a finding, since it is often a typo.
#[derive(Clone, Debug)]
pub struct CsvFolder {
    pub(super) path: PathBuf,
}

/// Largest file that is read, in bytes; its comments count too.
///
/// A file that is there by mistake must not use the memory that requests need: a file is in memory as a
/// whole, one at a time.
const MAX_FILE: u64 = 16 << 20;

impl CsvFolder {
    /// The folder at this path; nothing is read yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The fingerprint of the files as they are now, read piece by piece.
    ///
    /// # Errors
    /// [`ReadError`] when the folder or a table's file cannot be read.
    pub fn fingerprint(&self) -> Result<Fingerprint, ReadError> {
        let mut fingerprint = FingerprintBuilder::default();
        for file in self.list()? {
            let content = file.table.map(|_| self.digest(&file.path)).transpose();
            let content = content.map_err(|source| file.unreadable(source))?;
            fingerprint.add(&file.name, content);
        }
        Ok(fingerprint.finish())
    }

    /// Of what [`CsvFolder::content`] reads; of a file that is too large, of its beginning.
    pub(super) fn digest(&self, path: &Path) -> io::Result<[u8; 32]> {
        let mut digest = Sha256::new();
        let mut file = open_below(&self.path, path)?.take(MAX_FILE + 1);
        let mut piece = vec![0; 64 * 1024];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(digest.finalize().into()),
                read => digest.update(piece.get(..read).unwrap_or_default()),
            }
        }
    }

    /// The bytes of a file of the folder; none if it has more than it may have.
    pub(super) fn content(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let file = open_below(&self.path, path)?;
        let size = file.metadata()?.len();
        if size > MAX_FILE {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        // It may grow in the meantime, and some files have no size.
        file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        Ok((bytes.len() as u64 <= MAX_FILE).then_some(bytes))
    }

    /// The `.csv` files in the order of their names.
    pub(super) fn list(&self) -> Result<Vec<FoundFile>, ReadError> {
        let unlistable = |source| ReadError::Folder {
            path: self.path.clone(),
            source,
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(unlistable)? {
            let path = entry.map_err(unlistable)?.path();
            files.extend(FoundFile::at(path));
        }
        if !files.iter().any(|file| file.table.is_some()) {
            return Err(ReadError::NoTables {
                path: self.path.clone(),
            });
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }
}

impl fmt::Display for CsvFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CSV folder `{}`", self.path.display())
    }
}

pub(super) fn too_large(table: TableName) -> Finding {
    let name = table.file_name();
    let rule = format!("the file `{name}` has more than {} MiB", MAX_FILE >> 20);
    Finding::outside_tables(rule, "split or shorten it, notes and comments included")
}
