//! The tables as they are stored, with the version of each row.

use std::collections::BTreeMap;

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Policy, Revision};

use crate::azure::device_key;
use crate::azure::{AzureTables, ETag, Key, KeyPart, ReadError, StoreTable, StoredRow};
use crate::unfinished::{Pushes, Unfinished};

/// The rows of the config tables at one moment.
#[derive(Clone, Debug)]
pub struct State {
    rows: BTreeMap<TableName, Vec<StoredRow>>,
    tables: Tables,
    pub(super) pushes: Pushes,
}

impl State {
    /// Reads the tables; the table `devices` only if asked to, since it may have a million rows.
    ///
    /// # Errors
    /// [`ReadError`] when any page of any table cannot be read.
    pub async fn read(store: &AzureTables, devices: bool) -> Result<Self, ReadError> {
        let mut rows = BTreeMap::new();
        let mut tables = Tables::default();
        for name in TableName::all() {
            if name == TableName::Devices && !devices {
                continue;
            }
            let mut stored = store.rows(StoreTable::Config(name)).await?;
            if name == TableName::Devices {
                // Of two spellings of a device the first counts: the one that lookups find at once.
                let is_found = |key: &Key| device_key::canonical(key).is_some_and(|it| it == *key);
                stored.sort_by_key(|row| !is_found(&row.key));
            }
            store.fill(&mut tables, name, &stored)?;
            rows.insert(name, stored);
        }
        Ok(Self {
            rows,
            tables,
            pushes: store.pushes().await?,
        })
    }

    /// Reads the tables, and of `devices` the rows of one device only.
    ///
    /// # Errors
    /// [`ReadError`] when any page of any table cannot be read.
    pub async fn with_device(store: &AzureTables, device: &KeyPart) -> Result<Self, ReadError> {
        let mut state = Self::read(store, false).await?;
        let name = TableName::Devices;
        let table = StoreTable::Config(name);
        let stored = store.partition(table, device).await?;
        store.fill(&mut state.tables, name, &stored)?;
        state.rows.insert(name, stored);
        Ok(state)
    }

    /// The rows without their versions.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The revision of the tables, if they are a policy without errors, whatever `devices` says.
    #[must_use]
    pub fn revision(&self) -> Option<Revision> {
        let mut tables = Tables::default();
        for name in StoreTable::policy() {
            *tables.table_mut(name) = self.tables.table(name).clone();
        }
        Policy::read(&tables).policy.map(|policy| policy.revision())
    }

    /// A push that is under way, or was interrupted.
    #[must_use]
    pub fn unfinished(&self) -> Option<&Unfinished> {
        self.pushes.unfinished.as_ref()
    }

    /// How many rows in the partition of the marker are not a marker.
    #[must_use]
    pub fn strays(&self) -> usize {
        self.pushes.strays.len()
    }

    /// Whether `devices` was read too.
    pub(super) fn has_devices(&self) -> bool {
        self.rows.contains_key(&TableName::Devices)
    }

    /// The rows of a table, in the order of its rows in [`State::tables`].
    pub(super) fn rows(&self, name: TableName) -> &[StoredRow] {
        self.rows.get(&name).map_or(&[], Vec::as_slice)
    }

    /// Every row of the policy's tables.
    pub(super) fn of_policy(&self) -> impl Iterator<Item = (TableName, &StoredRow)> {
        let rows = move |name| self.rows(name).iter().map(move |row| (name, row));
        StoreTable::policy().flat_map(rows)
    }

    /// The version of every row of the policy's tables.
    pub(super) fn versions(&self) -> BTreeMap<(TableName, Key), ETag> {
        self.of_policy()
            .map(|(name, row)| ((name, row.key.clone()), row.etag.clone()))
            .collect()
    }
}
