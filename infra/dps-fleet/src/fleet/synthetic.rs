//! Devices that are made from a policy, for lack of a list of real ones.

use std::sync::Arc;

use dps_allocation::tables::{Canonical, Column, TableName, Tables};

use super::batch::{Batch, Content};
use super::fault::FleetError;
use super::made::{Made, Way};

/// Devices of a batch.
const BATCH: u64 = 4096;

/// Devices that come through the enrollments of a policy in turn, with symmetric keys and without a
/// payload; their ids begin with the tenant.
#[derive(Clone, Debug)]
pub struct Synthetic {
    file: Arc<str>,
    ways: Arc<[Way]>,
    next: u64,
    count: u64,
}

impl Synthetic {
    /// Makes `count` devices from tables.
    #[must_use]
    pub fn new(tables: &Tables, count: u64) -> Self {
        let (rows, _findings) = Canonical::read(tables);
        let tenants: Vec<&str> = rows.rows(TableName::Tenants).map(|row| row.key()).collect();
        let mut ways = Vec::new();
        for row in rows.rows(TableName::Enrollments) {
            if let Some((before, after)) = row.key().split_once('*') {
                let after = after.replace('*', "");
                let id = (before.into(), after.into());
                ways.push(Way { group: None, id });
                continue;
            }
            let listed = row.get(Column::Tenants).unwrap_or_default();
            let listed = listed.split(';').filter(|it| !it.is_empty() && *it != "*");
            let mut listed: Vec<&str> = listed.collect();
            if listed.is_empty() {
                listed.clone_from(&tenants);
            }
            ways.extend(listed.into_iter().map(|tenant| Way {
                group: Some(row.key().into()),
                id: (format!("{tenant}-").into(), "".into()),
            }));
        }
        Self {
            file: "made from the tables".into(),
            ways: ways.into(),
            next: 0,
            count,
        }
    }
}

impl Iterator for Synthetic {
    type Item = Result<Batch, FleetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.next;
        if from >= self.count || self.ways.is_empty() {
            return None;
        }
        self.next = self.count.min(from + BATCH);
        Some(Ok(Batch {
            number: from / BATCH,
            bytes: 0,
            file: Arc::clone(&self.file),
            content: Content::Made(Made {
                ways: Arc::clone(&self.ways),
                from,
                to: self.next,
            }),
            revealed: None,
        }))
    }
}
