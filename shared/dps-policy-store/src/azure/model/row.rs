//! Rows as they are written, within the limits of Azure Tables.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::key::Key;
use super::stored::StoredRow;

/// A row to write: every cell becomes an `Edm.String`, empty ones are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    key: Key,
    cells: Vec<(String, String)>,
}

/// A row that no table can hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Properties are named like identifiers.
    #[error(
        "row `{key}`: `{name}` cannot be a column; write letters, digits and `_`, at most 255, \
         first no digit"
    )]
    Name {
        /// The row.
        key: Key,
        /// The column.
        name: String,
    },
    /// Two cells of one name, or one that names a key or the timestamp.
    #[error("row `{key}`: the column `{name}` is there twice")]
    Twice {
        /// The row.
        key: Key,
        /// The column.
        name: String,
    },
    /// More columns than an entity has properties.
    #[error("row `{key}` has {columns} columns: at most {MAX_COLUMNS} are possible")]
    Columns {
        /// The row.
        key: Key,
        /// How many it has.
        columns: usize,
    },
    /// A cell is too long.
    #[error(
        "row `{key}`: the cell of `{name}` has {units} UTF-16 units: at most {MAX_CELL} are possible"
    )]
    Cell {
        /// The row.
        key: Key,
        /// The column.
        name: String,
        /// Its length.
        units: usize,
    },
    /// The row as a whole is too large.
    #[error("row `{key}` has {bytes} bytes: at most {MAX_ROW} are possible")]
    Size {
        /// The row.
        key: Key,
        /// Its size as Azure counts it.
        bytes: usize,
    },
}

/// 255 properties, three of which are the keys and the timestamp; this and the limits below:
/// <https://learn.microsoft.com/azure/storage/tables/scalability-targets>.
const MAX_COLUMNS: usize = 252;

/// 64 KiB in UTF-16.
const MAX_CELL: usize = 32 * 1024;

/// 1 MiB, counted as [`Row::new`] does.
const MAX_ROW: usize = 1024 * 1024;

/// Longest name of a property, in characters.
const MAX_NAME: usize = 255;

impl Row {
    /// Checks the row against the limits of Azure Tables.
    ///
    /// # Errors
    /// [`RowError`] says which limit it breaks.
    pub fn new(key: Key, cells: Vec<(String, String)>) -> Result<Self, RowError> {
        let mut cells = cells;
        cells.retain(|(_, text)| !text.is_empty());
        if cells.len() > MAX_COLUMNS {
            let columns = cells.len();
            return Err(RowError::Columns { key, columns });
        }
        // The formula of "How big is an entity": 4 bytes, two a UTF-16 unit of the keys; for each
        // property 8 bytes, two a unit of its name, and 4 and two a unit of its text.
        // https://learn.microsoft.com/archive/blogs/avkashchauhan/how-the-size-of-an-entity-is-caclulated-in-windows-azure-table-storage
        let mut bytes = 4 + 2 * (units(key.partition.as_str()) + units(key.row.as_str()));
        let mut names = BTreeSet::from(["PartitionKey", "RowKey", "Timestamp"]);
        for (name, text) in &cells {
            let name_of = || (key.clone(), name.clone());
            if !is_property_name(name) {
                let (key, name) = name_of();
                return Err(RowError::Name { key, name });
            }
            if !names.insert(name) {
                let (key, name) = name_of();
                return Err(RowError::Twice { key, name });
            }
            let units_of_text = units(text);
            if units_of_text > MAX_CELL {
                let (key, name) = name_of();
                let units = units_of_text;
                return Err(RowError::Cell { key, name, units });
            }
            bytes += 8 + 2 * units(name) + 4 + 2 * units_of_text;
        }
        if bytes > MAX_ROW {
            return Err(RowError::Size { key, bytes });
        }
        Ok(Self { key, cells })
    }

    /// Its keys.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Its cells, none of them empty.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cells
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Whether the cells of a row that is stored are these.
    pub(crate) fn says_the_same_as(&self, stored: &StoredRow) -> bool {
        let mut wanted: Vec<(&str, &str)> = self.cells().collect();
        let mut found: Vec<(&str, &str)> = stored.cells.iter().map(|(a, b)| (&**a, &**b)).collect();
        wanted.sort_unstable();
        found.sort_unstable();
        wanted == found
    }

    /// The entity as the service reads it.
    pub(crate) fn to_json(&self) -> Map<String, Value> {
        let keys = [
            ("PartitionKey", self.key.partition.as_str()),
            ("RowKey", self.key.row.as_str()),
        ];
        let cells = keys.into_iter().chain(self.cells());
        cells
            .map(|(name, text)| (name.to_owned(), Value::from(text)))
            .collect()
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn is_property_name(name: &str) -> bool {
    let mut letters = name.chars();
    let first = letters
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_');
    first && letters.all(|c| c.is_alphanumeric() || c == '_') && name.chars().count() <= MAX_NAME
}

#[cfg(test)]
mod tests;
