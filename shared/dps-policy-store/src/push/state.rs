//! The tables as they are stored, with the version of each row.

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Policy, Revision};

use super::marker::Unfinished;
use crate::azure::{AzureTables, ReadError, StoreTable, StoredRow};

/// The rows of the config tables at one moment.
#[derive(Clone, Debug)]
pub struct State {
    rows: Vec<(TableName, Vec<StoredRow>)>,
    tables: Tables,
    /// A push that is under way, or was interrupted.
    pub unfinished: Option<Unfinished>,
}

impl State {
    /// Reads the tables; `devices` only where asked to, since it may have a million rows.
    ///
    /// # Errors
    /// [`ReadError`] when any page of any table cannot be read.
    pub async fn read(store: &AzureTables, devices: bool) -> Result<Self, ReadError> {
        let mut rows = Vec::new();
        let mut tables = Tables::default();
        for name in TableName::ALL {
            if name == TableName::Devices && !devices {
                continue;
            }
            let stored = store.rows(StoreTable::Config(name)).await?;
            store.fill(&mut tables, name, &stored)?;
            rows.push((name, stored));
        }
        Ok(Self {
            rows,
            tables,
            unfinished: Unfinished::read(store).await?,
        })
    }

    /// The rows without their versions.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The revision of the tables, where they are a policy without errors.
    #[must_use]
    pub fn revision(&self) -> Option<Revision> {
        Policy::read(&self.tables)
            .policy
            .map(|policy| policy.revision())
    }

    /// Whether `devices` was read too.
    #[must_use]
    pub fn has_devices(&self) -> bool {
        self.rows
            .iter()
            .any(|(name, _)| *name == TableName::Devices)
    }

    /// The rows of a table, in the order of its rows in [`State::tables`].
    pub(super) fn rows(&self, name: TableName) -> &[StoredRow] {
        let found = self.rows.iter().find(|(table, _)| *table == name);
        found.map_or(&[], |(_, rows)| rows)
    }

    /// Whether the policy's tables hold the same versions of the same rows.
    pub(super) fn has_same_rows(&self, other: &Self) -> bool {
        let of_policy = TableName::ALL
            .into_iter()
            .filter(|name| name.is_in_revision());
        let versions = |state: &Self, name: TableName| {
            let rows = state.rows(name).iter();
            let mut versions: Vec<_> = rows.map(|it| (it.key.clone(), it.etag.clone())).collect();
            versions.sort();
            versions
        };
        of_policy
            .into_iter()
            .all(|name| versions(self, name) == versions(other, name))
    }
}
