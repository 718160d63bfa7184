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
#[error("row `{key}`{rule}")]
pub struct RowError {
    key: Key,
    rule: String,
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
        let refused = |rule: String| {
            let key = key.clone();
            Err(RowError { key, rule })
        };
        let columns = cells.len();
        if columns > MAX_COLUMNS {
            return refused(format!(
                " has {columns} columns: at most {MAX_COLUMNS} are possible"
            ));
        }
        // The formula of "How big is an entity": 4 bytes, two per UTF-16 unit of the keys; for each
        // property 8 bytes, two per unit of its name, and 4 and two per unit of its text.
        // https://learn.microsoft.com/archive/blogs/avkashchauhan/how-the-size-of-an-entity-is-caclulated-in-windows-azure-table-storage
        let mut bytes = 4 + 2 * (units(key.partition.as_str()) + units(key.row.as_str()));
        let mut names = BTreeSet::from(["PartitionKey", "RowKey", "Timestamp"]);
        for (name, text) in &cells {
            if !is_property_name(name) {
                let rule = "write letters, digits and `_`, at most 255, first no digit";
                return refused(format!(": `{name}` cannot be a column; {rule}"));
            }
            if !names.insert(name) {
                return refused(format!(": the column `{name}` is there twice"));
            }
            let length = units(text);
            if length > MAX_CELL {
                let rule = format!("{length} UTF-16 units: at most {MAX_CELL} are possible");
                return refused(format!(": the cell of `{name}` has {rule}"));
            }
            bytes += 8 + 2 * units(name) + 4 + 2 * length;
        }
        if bytes > MAX_ROW {
            return refused(format!(
                " has {bytes} bytes: at most {MAX_ROW} are possible"
            ));
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
    name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && name.chars().count() <= MAX_NAME
}

#[cfg(test)]
mod tests;
