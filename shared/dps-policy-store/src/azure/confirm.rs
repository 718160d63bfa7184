//! Writes a batch, and finds out whether it was written when the answer was lost.

use super::client::AzureTables;
use super::error::WriteError;
use super::model::{Batch, Change, ETag, StoreTable, StoredRow};

/// The state of the rows of a batch after an attempt.
enum Found {
    /// All changes were made; the new version of each row, none for one that was deleted.
    Written(Vec<Option<ETag>>),
    /// None was made.
    Unchanged,
    /// Somebody else has written to them.
    Edited,
}

/// A lost answer is rare; two in a row mean that the way to the service is broken.
const TRIES: u32 = 3;

impl AzureTables {
    /// Makes all changes of a batch, or none; returns the new version of each row.
    ///
    /// A server can close an idle connection at any moment, even while the next request is on its
    /// way. Then only the rows show whether the request arrived.
    ///
    /// # Errors
    /// [`WriteError::Unconfirmed`] only where the rows cannot be read either, or somebody else has
    /// written them in the meantime.
    pub(crate) async fn write_confirmed(
        &self,
        table: StoreTable,
        batch: &Batch,
    ) -> Result<Vec<Option<ETag>>, WriteError> {
        let mut lost = match self.write(table, batch).await {
            Err(error @ WriteError::Unconfirmed { .. }) => error,
            done => return done,
        };
        for _ in 1..TRIES {
            match self.found(table, batch).await {
                Some(Found::Written(versions)) => return Ok(versions),
                Some(Found::Unchanged) => {}
                Some(Found::Edited) | None => return Err(lost),
            }
            // A new connection has not been idle. A conflict may be with the last attempt, which has
            // arrived late: the next read shows it.
            let Ok(fresh) = self.reconnected() else {
                return Err(lost);
            };
            match fresh.write(table, batch).await {
                Ok(versions) => return Ok(versions),
                Err(error @ WriteError::Unconfirmed { .. }) => lost = error,
                Err(_) => {}
            }
        }
        match self.found(table, batch).await {
            Some(Found::Written(versions)) => Ok(versions),
            _ => Err(lost),
        }
    }

    /// None if the rows cannot be read: a read on a connection that was just closed is tried
    /// again.
    async fn found(&self, table: StoreTable, batch: &Batch) -> Option<Found> {
        let partition = &batch.changes().first()?.key().partition;
        for _ in 0..TRIES {
            let fresh = self.reconnected().ok()?;
            if let Ok(rows) = fresh.partition(table, partition).await {
                return Some(compare(batch.changes(), &rows));
            }
        }
        None
    }
}

fn compare(changes: &[Change], rows: &[StoredRow]) -> Found {
    let find = |change: &Change| rows.iter().find(|row| row.key == *change.key());
    if changes.iter().all(|it| is_written(it, find(it))) {
        let versions = changes.iter().map(|it| Some(find(it)?.etag.clone()));
        Found::Written(versions.collect())
    } else if changes.iter().all(|it| is_unchanged(it, find(it))) {
        Found::Unchanged
    } else {
        Found::Edited
    }
}

fn is_written(change: &Change, row: Option<&StoredRow>) -> bool {
    match (change, row) {
        (Change::Delete(..), None) => true,
        (Change::Insert(wanted), Some(row)) => wanted.says_the_same_as(row),
        (Change::Replace(wanted, before), Some(row)) => {
            row.etag != *before && wanted.says_the_same_as(row)
        }
        _ => false,
    }
}

fn is_unchanged(change: &Change, row: Option<&StoredRow>) -> bool {
    match (change, row) {
        (Change::Insert(_), None) => true,
        (Change::Replace(_, before) | Change::Delete(_, before), Some(row)) => row.etag == *before,
        _ => false,
    }
}
