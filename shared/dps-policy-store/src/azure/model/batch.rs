//! Changes that are applied together or not at all.

use std::collections::{BTreeSet, HashMap};

use super::key::{Key, KeyPart};
use super::row::Row;
use super::stored::ETag;

/// One change of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds a row that is not there.
    Insert(Row),
    /// Replaces that version by this row, with these cells only.
    Replace(Row, ETag),
    /// Deletes that version of the row.
    Delete(Key, ETag),
}

/// 1 to 100 changes of different rows of one partition, with a body of at most 4 MiB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    changes: Vec<Change>,
    rows: BTreeSet<KeyPart>,
    bytes: usize,
}

/// Maximum number of changes in a batch:
/// <https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions>.
const MAX_CHANGES: usize = 100;

/// A body grows to this many bytes. Azure admits 4 MiB, which one row cannot pass; but it has to
/// be sent within the 3 s of an attempt, even by a laptop.
const MAX_BYTES: usize = 1024 * 1024;

/// Upper bound in bytes for the headers of a change and of the batch; about 450 are usual.
const OVERHEAD: usize = 1024;

impl Change {
    /// Which row it changes.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Insert(row) | Self::Replace(row, _) => row.key(),
            Self::Delete(key, _) => key,
        }
    }

    /// Upper bound of its part of the request, in bytes.
    fn bytes(&self) -> usize {
        let key = self.key();
        // A byte of a key becomes at most three in a URL.
        let url = 3 * (key.partition.as_str().len() + key.row.as_str().len());
        let body = match self {
            Self::Insert(row) | Self::Replace(row, _) => {
                serde_json::to_string(&row.to_json()).map_or(MAX_BYTES, |body| body.len())
            }
            Self::Delete(..) => 0,
        };
        OVERHEAD + url + body
    }
}

impl Batch {
    /// Splits changes into as few batches as their order admits.
    ///
    /// Changes of one partition stay in order; partitions come in the order in which they are met.
    #[must_use]
    pub fn split(changes: Vec<Change>) -> Vec<Self> {
        let mut batches: Vec<Self> = Vec::new();
        let mut open: HashMap<KeyPart, usize> = HashMap::new();
        for change in changes {
            let bytes = change.bytes();
            let key = change.key().clone();
            let batch = open
                .get(&key.partition)
                .and_then(|position| batches.get_mut(*position))
                .filter(|batch| batch.has_room(&key, bytes));
            if let Some(batch) = batch {
                batch.changes.push(change);
                batch.bytes += bytes;
                batch.rows.insert(key.row);
            } else {
                open.insert(key.partition, batches.len());
                batches.push(Self::one(change));
            }
        }
        batches
    }

    /// One change alone.
    pub(crate) fn one(change: Change) -> Self {
        Self {
            rows: BTreeSet::from([change.key().row.clone()]),
            bytes: OVERHEAD + change.bytes(),
            changes: vec![change],
        }
    }

    /// The changes, in order.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Azure refuses a batch that changes a row twice.
    fn has_room(&self, key: &Key, bytes: usize) -> bool {
        self.changes.len() < MAX_CHANGES
            && self.bytes + bytes <= MAX_BYTES
            && !self.rows.contains(&key.row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(partition: &str, row: &str) -> Key {
        let part = |text| KeyPart::parse(text).unwrap();
        Key {
            partition: part(partition),
            row: part(row),
        }
    }

    fn delete(partition: &str, row: &str) -> Change {
        Change::Delete(key(partition, row), ETag("*".to_owned()))
    }

    /// Splits deletions given as `partition/row`; returns the batches the same way.
    #[track_caller]
    fn check(changes: &str, batches: &str) {
        let change = |text: &str| {
            let (partition, row) = text.split_once('/').unwrap();
            delete(partition, row)
        };
        let split = Batch::split(changes.split(' ').map(change).collect());
        let keys = |batch: &Batch| {
            let keys = batch
                .changes()
                .iter()
                .map(|change| change.key().to_string());
            keys.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            split.iter().map(keys).collect::<Vec<_>>().join(" | "),
            batches
        );
    }

    #[test]
    fn changes_are_grouped_by_partition_in_their_order() {
        check("a/2 a/1", "a/2 a/1");
        check("a/1 b/1 a/2 b/2", "a/1 a/2 | b/1 b/2");
        assert_eq!(Batch::split(Vec::new()), []);
    }

    #[test]
    fn a_row_is_changed_once_a_batch() {
        check("a/1 a/2 a/1 a/3", "a/1 a/2 | a/1 a/3");
    }

    #[test]
    fn a_batch_has_at_most_100_changes() {
        let changes = (0..250).map(|row| delete("a", &row.to_string())).collect();
        let lengths: Vec<usize> = Batch::split(changes)
            .iter()
            .map(|b| b.changes().len())
            .collect();
        assert_eq!(lengths, [100, 100, 50]);
    }

    #[test]
    fn a_batch_is_small_enough_to_be_sent_in_time() {
        let cells = |count: u32| (0..count).map(|c| (format!("c{c}"), "x".repeat(32 * 1024)));
        let row = |row: u32| {
            Change::Insert(Row::new(key("a", &row.to_string()), cells(15).collect()).unwrap())
        };
        let lengths: Vec<usize> = Batch::split((0..20).map(row).collect())
            .iter()
            .map(|b| b.changes().len())
            .collect();
        assert_eq!(lengths, [2; 10], "half a megabyte each");
    }
}
