//! The state, and how it is changed: in memory at once, and on disk before anybody is told.

use std::ops::Deref;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::access::AccessPolicy;
use crate::authority::Authority;
use crate::enrollment::{Group, Individual};
use crate::hub::{Device, LinkedHub};
use crate::issuing::PolicyAuthority;
use crate::registration::Registration;
use crate::state::{Record, State};
use crate::store::{Change, NotStored, Store, StoreError, Stored};

/// Why the data of an earlier run cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("`{key}` in table `{table}` cannot be read: {source}")]
    Record {
        table: String,
        key: String,
        source: serde_json::Error,
    },
    #[error("table `{0}` is not known: the file is of another version")]
    Table(String),
}

/// Everything that the service knows.
#[derive(Debug)]
pub(crate) struct Data {
    state: Mutex<State>,
    store: Store,
}

impl Data {
    /// Data that are gone with the process.
    pub(crate) fn ephemeral() -> Self {
        Self {
            state: Mutex::default(),
            store: Store::Ephemeral,
        }
    }

    /// Data of an earlier run, or none yet.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let (store, stored) = Store::open(path)?;
        let mut state = State::default();
        for record in stored {
            load(&mut state, record)?;
        }
        Ok(Self {
            state: Mutex::new(state),
            store,
        })
    }

    /// What is known now. Nothing changes as long as it is held, so it is not held for long.
    pub(crate) fn read(&self) -> MutexGuard<'_, State> {
        // Edits check before they change, and a panic leaves whole records.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes records together; done when they are stored.
    pub(crate) async fn edit<T>(
        &self,
        work: impl FnOnce(&mut Edit<'_>) -> T,
    ) -> Result<T, NotStored> {
        let (result, receipt) = {
            let mut state = self.read();
            let mut edit = Edit {
                state: &mut state,
                changes: Vec::new(),
            };
            let result = work(&mut edit);
            // While the state is locked, so that changes are stored in their order.
            (result, self.store.write(edit.changes))
        };
        receipt.stored().await?;
        Ok(result)
    }
}

/// The state while it is changed.
#[derive(Debug)]
pub(crate) struct Edit<'s> {
    state: &'s mut State,
    changes: Vec<Change>,
}

impl Edit<'_> {
    /// Writes a record over the one with its key.
    #[expect(
        clippy::expect_used,
        reason = "records are made of texts, numbers and maps by text"
    )]
    pub(crate) fn put<R: Record>(&mut self, record: R) {
        let key = record.key();
        self.changes.push(Change {
            table: R::TABLE,
            key: key.clone(),
            value: Some(serde_json::to_vec(&record).expect("JSON can write every record")),
        });
        R::of_mut(self.state).insert(key, record);
    }

    /// Removes a record if there is one.
    pub(crate) fn remove<R: Record>(&mut self, key: &str) -> Option<R> {
        let removed = R::of_mut(self.state).remove(key)?;
        self.changes.push(Change {
            table: R::TABLE,
            key: key.to_owned(),
            value: None,
        });
        Some(removed)
    }
}

impl Deref for Edit<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        self.state
    }
}

fn load(state: &mut State, stored: Stored) -> Result<(), DataError> {
    match stored.table.as_str() {
        Individual::TABLE => insert::<Individual>(state, stored),
        Group::TABLE => insert::<Group>(state, stored),
        Registration::TABLE => insert::<Registration>(state, stored),
        Authority::TABLE => insert::<Authority>(state, stored),
        AccessPolicy::TABLE => insert::<AccessPolicy>(state, stored),
        LinkedHub::TABLE => insert::<LinkedHub>(state, stored),
        Device::TABLE => insert::<Device>(state, stored),
        PolicyAuthority::TABLE => insert::<PolicyAuthority>(state, stored),
        _ => Err(DataError::Table(stored.table)),
    }
}

fn insert<R: Record>(state: &mut State, stored: Stored) -> Result<(), DataError> {
    let Stored { table, key, value } = stored;
    match serde_json::from_slice(&value) {
        Ok(record) => drop(R::of_mut(state).insert(key, record)),
        Err(source) => return Err(DataError::Record { table, key, source }),
    }
    Ok(())
}
