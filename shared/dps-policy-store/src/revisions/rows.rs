//! Reading and writing rows of the `Revisions` table.

use super::error::RevisionError;
use crate::azure::{AzureTables, Batch, Change, KeyPart, Row, StoreTable, StoredRow, WriteError};

/// The revisions that are stored beside a set of tables.
#[derive(Clone, Copy, Debug)]
pub struct Revisions<'s>(&'s AzureTables);

/// A lost answer is rare; three in a row mean that the way to the service is broken.
const TRIES: u32 = 3;

impl<'s> Revisions<'s> {
    /// Those of these tables.
    #[must_use]
    pub fn of(tables: &'s AzureTables) -> Self {
        Self(tables)
    }

    pub(super) async fn partition(&self, name: &str) -> Result<Vec<StoredRow>, RevisionError> {
        let partition = KeyPart::ours(name);
        Ok(self.0.partition(StoreTable::Revisions, &partition).await?)
    }

    /// Writes again where the answer is lost: rows here are only inserted, or changed once, so that
    /// a second try finds the first.
    pub(super) async fn write(&self, batch: &Batch) -> Result<(), WriteError> {
        let mut written = self.0.write(StoreTable::Revisions, batch).await.map(drop);
        for _ in 1..TRIES {
            if !matches!(written, Err(WriteError::Unconfirmed { .. })) {
                break;
            }
            // A new connection has not been idle.
            let Ok(fresh) = self.0.reconnected() else {
                break;
            };
            written = fresh.write(StoreTable::Revisions, batch).await.map(drop);
        }
        written
    }

    /// Inserts a row, unless it is there with the same content.
    pub(super) async fn insert(&self, row: Row) -> Result<(), RevisionError> {
        if self.is_inserted(row.clone()).await? {
            return Ok(());
        }
        let stored = self.partition(row.key().partition.as_str()).await?;
        let is_there = stored.iter().find(|it| it.key == *row.key());
        match is_there {
            Some(stored) if row.says_the_same_as(stored) => Ok(()),
            _ => Err(RevisionError::Occupied(row.key().clone())),
        }
    }

    /// Inserts a row; answers whether there was none with its key.
    pub(super) async fn is_inserted(&self, row: Row) -> Result<bool, WriteError> {
        let batches = Batch::split(vec![Change::Insert(row)]);
        for batch in &batches {
            match self.write(batch).await {
                Ok(()) => {}
                Err(WriteError::Conflict { .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}
