//! One of the two policies that a preview compares.

use std::collections::HashMap;

use dps_allocation::Policy;
use dps_allocation::tables::{Canonical, Column, TableName, Tables};
use jiff::Timestamp;

use super::report::TablesAt;
use crate::plan::{self, PlanError};

/// A policy at a time.
#[derive(Debug)]
pub struct Side<'p> {
    pub(crate) policy: &'p Policy,
    pub(crate) at: Timestamp,
    source: String,
    rows: Canonical,
    hubs: HashMap<String, HubRow>,
}

/// What reports say of a hub.
#[derive(Clone, Debug, Default)]
pub(super) struct HubRow {
    pub(super) geography: Option<String>,
    pub(super) region: Option<String>,
    pub(super) weight: Option<u64>,
    pub(super) state: Option<String>,
}

/// Of a hub whose cell is empty.
const DEFAULT_WEIGHT: u64 = 1;

impl<'p> Side<'p> {
    /// A policy, the tables that it was read from, what these are called, and when devices
    /// register.
    #[must_use]
    pub fn new(policy: &'p Policy, tables: &Tables, source: String, at: Timestamp) -> Self {
        let (rows, _findings) = Canonical::read(tables);
        let hubs = rows.rows(TableName::Hubs).map(|row| {
            let text = |column| row.get(column).map(str::to_owned);
            let weight = row.get(Column::Weight).and_then(|it| it.parse().ok());
            let hub = HubRow {
                geography: text(Column::Geography),
                region: text(Column::Region),
                weight: weight.or(Some(DEFAULT_WEIGHT)),
                state: text(Column::State),
            };
            (row.key().to_owned(), hub)
        });
        let hubs = hubs.collect();
        Self {
            policy,
            at,
            source,
            rows,
            hubs,
        }
    }

    /// What reports say of the tables.
    pub(crate) fn tables_at(&self) -> TablesAt {
        TablesAt {
            source: self.source.clone(),
            revision: self.policy.revision(),
            at: self.at,
        }
    }

    /// Every hub by its classic host name, in order.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.rows.rows(TableName::Hubs).map(|row| row.key())
    }

    /// The classic host name of a hub of the tables, by a host name or the first label of it.
    ///
    /// # Errors
    /// [`PlanError`] when there is none, or there are several.
    pub fn host(&self, text: &str) -> Result<String, PlanError> {
        plan::hub(&self.rows, text)
    }

    pub(super) fn hub(&self, host: &str) -> Option<&HubRow> {
        self.hubs.get(host)
    }

    /// The only enrollment, if there is one and its row names it as a whole.
    pub(super) fn only_enrollment(&self) -> Option<&str> {
        let mut rows = self.rows.rows(TableName::Enrollments).map(|row| row.key());
        let only = rows.next()?;
        (rows.next().is_none() && !only.contains('*')).then_some(only)
    }

    pub(super) fn has_tenant(&self, tenant: &str) -> bool {
        self.rows
            .find(TableName::Tenants, "tenant", tenant)
            .is_some()
    }

    /// The geographies that every device must be in, by each row that says so.
    pub(super) fn residencies(&self, id: &str, tenant: &str, enrollment: &str) -> Vec<&str> {
        let enrollment = self.policy.enrollment_row(enrollment);
        let rows = [
            (TableName::Tenants, "tenant", Some(tenant)),
            (TableName::Enrollments, "enrollment", enrollment),
            (TableName::Devices, id, Some("device")),
        ];
        let residencies = rows.into_iter().filter_map(|(table, partition, key)| {
            let row = self.rows.find(table, partition, key?)?;
            row.get(Column::Residency)
        });
        residencies.collect()
    }

    /// Whether a device that was just placed may get another hub when it registers again at once.
    pub(super) fn moves_at_once(&self) -> bool {
        let has = |table, column, word: &str| {
            let mut rows = self.rows.rows(table);
            rows.any(|row| row.get(column).is_some_and(|text| text.contains(word)))
        };
        self.rows.len(TableName::Rollouts) > 0
            || has(TableName::Tenants, Column::OnReprovision, "replace")
            || TableName::all().any(|table| {
                let columns = table.columns().iter().map(|(column, _)| *column);
                columns
                    .into_iter()
                    .any(|column| has(table, column, "currentHub"))
            })
    }
}
