//! The last good policy as one file: what a cold start uses while the store is unavailable.

use std::error::Error;
use std::io::{self, Read as _};
use std::path::Path;

use dps_allocation::tables::Tables;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::archive::{self, Archive};
use crate::files::{open_trusted, write_file};

/// Tables that were a good policy once.
#[derive(Clone, Debug)]
pub struct LastGood {
    /// The store that they were read from, in the words of its `Display`.
    pub source: String,
    /// When they were saved.
    pub saved: Timestamp,
    /// Their rows as they were read.
    pub tables: Tables,
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LastGoodError {
    /// The file cannot be read.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// The first line is not the one that this version writes.
    #[error("it does not begin with a line `{MARK}<SHA-256>`")]
    NotOurs,
    /// A byte was lost or changed.
    #[error("its content has not the checksum of its first line")]
    Checksum,
    /// The checksum is right and the content is not; another version has written it.
    #[error("its content is not understood: {0}")]
    Content(String),
}

/// The first line, up to the checksum of all that follows it.
const MARK: &str = "dps-allocator last good policy 1 sha256=";

/// Largest file that is read, in bytes: more than the budget of the tables makes.
const MAX_FILE: u64 = 128 << 20;

#[derive(Deserialize, Serialize)]
struct Content<'a> {
    source: String,
    saved: Timestamp,
    #[serde(borrow)]
    tables: Archive<'a>,
}

impl LastGood {
    /// Reads a file; none if there is no such file.
    ///
    /// The checksum shows that a file is whole, not who wrote it. So the file and its folder must belong
    /// to this user or root, and no other user can write to them.
    ///
    /// # Errors
    /// [`LastGoodError`] when the file is not whole, is another kind of file, or can be written by others.
    pub fn read(path: &Path) -> Result<Option<Self>, LastGoodError> {
        let Some(file) = open_trusted(path)? else {
            return Ok(None);
        };
        let mut text = String::new();
        file.take(MAX_FILE).read_to_string(&mut text)?;
        let (head, body) = text.split_once('\n').ok_or(LastGoodError::NotOurs)?;
        let checksum = head.strip_prefix(MARK).ok_or(LastGoodError::NotOurs)?;
        if checksum != archive::checksum(body) {
            return Err(LastGoodError::Checksum);
        }
        let not_understood = |error: &dyn Error| LastGoodError::Content(error.to_string());
        let content = serde_json::from_str::<Content<'_>>(body);
        let content = content.map_err(|error| not_understood(&error))?;
        let tables = content.tables.restore();
        Ok(Some(Self {
            source: content.source,
            saved: content.saved,
            tables: tables.map_err(|error| not_understood(&error))?,
        }))
    }

    /// Replaces the file atomically.
    ///
    /// # Errors
    /// When the folder cannot be created, or the file cannot be written.
    pub fn write(path: &Path, source: &str, saved: Timestamp, tables: &Tables) -> io::Result<()> {
        let body = serde_json::to_string(&Content {
            source: source.to_owned(),
            saved,
            tables: Archive::of(tables, |_| true),
        })?;
        let mut content = format!("{MARK}{}\n", archive::checksum(&body));
        content.push_str(&body);
        write_file(path, content.as_bytes())
    }
}
