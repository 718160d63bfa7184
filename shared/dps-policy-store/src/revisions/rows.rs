//! Reading and writing rows of the `Revisions` table.

use super::error::RevisionError;
use crate::azure::{AzureTables, Batch, Change, ETag, KeyPart};
use crate::azure::{Row, StoreTable, StoredRow, WriteError};

/// The revisions that are stored beside a set of tables.
#[derive(Clone, Copy, Debug)]
pub struct Revisions<'s>(&'s AzureTables);

impl<'s> Revisions<'s> {
    /// Those of these tables.
    #[must_use]
    pub fn of(tables: &'s AzureTables) -> Self {
        Self(tables)
    }

    pub(super) async fn partition(&self, name: &str) -> Result<Vec<StoredRow>, RevisionError> {
        let partition = KeyPart::unchecked(name);
        Ok(self.0.partition(StoreTable::Revisions, &partition).await?)
    }

    /// Writes one row; returns its new version, none for a deletion.
    pub(crate) async fn write(&self, change: Change) -> Result<Option<ETag>, WriteError> {
        let batch = Batch::one(change);
        let versions = self.0.write_confirmed(StoreTable::Revisions, &batch).await;
        Ok(versions?.into_iter().flatten().next())
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

    /// Inserts a row; returns whether there was none with its key.
    pub(super) async fn is_inserted(&self, row: Row) -> Result<bool, WriteError> {
        match self.write(Change::Insert(row)).await {
            Ok(_) => Ok(true),
            Err(WriteError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
