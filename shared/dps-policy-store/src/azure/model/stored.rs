//! Rows as the store gives them back.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::key::{Key, KeyPart};

/// A row of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRow {
    /// Its keys.
    pub key: Key,
    /// Which version of the row it is.
    pub etag: ETag,
    /// When it was last written; none if the store does not say so.
    pub timestamp: Option<Timestamp>,
    /// The cells by the names of their properties, in the order of these, whatever their type.
    pub cells: Vec<(String, String)>,
}

/// Which version of a row: changes with every write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ETag(pub(crate) String);

impl StoredRow {
    /// The text of a cell; empty where there is none, since the service stores no empty cells.
    pub(crate) fn cell(&self, name: &str) -> &str {
        let mut cells = self.cells.iter();
        cells
            .find(|(column, _)| column == name)
            .map_or("", |(_, text)| text)
    }

    /// Reads an entity; none if it lacks a key or an etag.
    ///
    /// Whatever its type, a value becomes the text that people would write for it: 64-bit integers
    /// come as text, numbers keep their digits.
    pub(crate) fn from_json(entity: Map<String, Value>, etag: Option<String>) -> Option<Self> {
        let (mut partition, mut row, mut timestamp, mut etag) = (None, None, None, etag);
        let mut cells = Vec::with_capacity(entity.len());
        for (name, value) in entity {
            let text = match value {
                Value::String(text) => text,
                Value::Null => continue,
                // Numbers and booleans; the service has no arrays and objects.
                other => other.to_string(),
            };
            match name.as_str() {
                "PartitionKey" => partition = Some(KeyPart::unchecked(text)),
                "RowKey" => row = Some(KeyPart::unchecked(text)),
                "Timestamp" => timestamp = text.parse().ok(),
                "odata.etag" => etag = Some(text),
                _ if name.starts_with("odata.") || name.contains('@') => {}
                _ => cells.push((name, text)),
            }
        }
        Some(Self {
            key: Key {
                partition: partition?,
                row: row?,
            },
            etag: ETag(etag?),
            timestamp,
            cells,
        })
    }
}

#[cfg(test)]
mod tests;
