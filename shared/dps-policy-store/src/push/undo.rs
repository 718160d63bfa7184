//! Undoes what a push has written.

use std::collections::{BTreeMap, HashMap};

use dps_allocation::tables::TableName;

use super::error::{Edited, PushFailure};
use super::state::State;
use crate::azure::{AzureTables, Batch, Change, ETag, Key, Row, StoreTable, StoredRow};

/// Some writes were not undone; the error of the push says more than that of the undo.
pub(super) struct NotUndone;

/// The writes of a push so far, each with its opposite.
pub(super) struct Undo<'s> {
    before: HashMap<(TableName, &'s Key), &'s StoredRow>,
    /// The versions that are stored now, unless somebody else has written.
    versions: BTreeMap<(TableName, Key), ETag>,
    written: Vec<(TableName, Vec<Change>)>,
    /// A row that was there cannot be written again: other tools may store what Azure accepts and
    /// [`Row`] does not.
    impossible: bool,
}

impl<'s> Undo<'s> {
    pub(super) fn new(state: &'s State) -> Self {
        let rows = state.of_policy();
        Self {
            before: rows.map(|(name, row)| ((name, &row.key), row)).collect(),
            versions: state.versions(),
            written: Vec::new(),
            impossible: false,
        }
    }

    /// Notes a batch that was written; each change but a deletion has a new version.
    pub(super) fn add(&mut self, table: TableName, batch: &Batch, versions: Vec<Option<ETag>>) {
        let mut back = Vec::with_capacity(versions.len());
        for (change, version) in batch.changes().iter().zip(versions) {
            let row = (table, change.key().clone());
            match &version {
                Some(version) => self.versions.insert(row, version.clone()),
                None => self.versions.remove(&row),
            };
            match self.opposite(table, change, version) {
                Some(change) => back.push(change),
                None => self.impossible = true,
            }
        }
        self.written.push((table, back));
    }

    /// Reads the tables, and names a row that somebody else has written.
    pub(super) async fn nothing_edited(&self, store: &AzureTables) -> Result<(), PushFailure> {
        let found = State::read(store, false).await?.versions();
        let mut rows = self.versions.keys().chain(found.keys());
        match rows.find(|row| self.versions.get(row) != found.get(row)) {
            Some((table, key)) => Err(PushFailure::Edited(Edited {
                table: *table,
                key: key.clone(),
            })),
            None => Ok(()),
        }
    }

    /// Undoes everything, the last write first; stops where somebody else has written.
    pub(super) async fn run(self, store: &AzureTables) -> Result<(), NotUndone> {
        if self.impossible {
            return Err(NotUndone);
        }
        for (table, changes) in self.written.into_iter().rev() {
            for batch in Batch::split(changes) {
                let back = store
                    .write_confirmed(StoreTable::Config(table), &batch)
                    .await;
                back.map_err(|_why| NotUndone)?;
            }
        }
        Ok(())
    }

    fn opposite(&self, table: TableName, change: &Change, version: Option<ETag>) -> Option<Change> {
        let before = || {
            let row = self.before.get(&(table, change.key()))?;
            Row::new(row.key.clone(), row.cells.clone()).ok()
        };
        match change {
            Change::Insert(row) => Some(Change::Delete(row.key().clone(), version?)),
            Change::Replace(..) => Some(Change::Replace(before()?, version?)),
            Change::Delete(..) => Some(Change::Insert(before()?)),
        }
    }
}
