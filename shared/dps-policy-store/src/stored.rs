//! What a store reads: the tables, or only their state.

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Finding, Severity};

use crate::fingerprint::Fingerprint;
use crate::unfinished::Unfinished;

/// The tables of one read, and what an operator wrote wrong in the files.
#[derive(Clone, Debug)]
pub struct StoredTables {
    /// Every row that could be read; the cells are not checked.
    pub tables: Tables,
    /// Errors of the files themselves.
    pub findings: Vec<Finding>,
    /// Of exactly the bytes that were read.
    pub fingerprint: Fingerprint,
    /// The push that has not finished, so that the tables are no policy; a finding says so too.
    pub push_under_way: Option<Unfinished>,
}

impl StoredTables {
    /// Whether the tables were read without an error and hold no row, so that no push is under way
    /// either.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let mut tables = TableName::all().map(|name| self.tables.table(name));
        self.findings
            .iter()
            .all(|it| it.severity != Severity::Error)
            && tables.all(|table| table.is_empty() && !table.is_incomplete())
    }
}

/// The state of the tables, without their rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// The fingerprint of their state.
    pub fingerprint: Fingerprint,
    /// Whether the rows are half of one version and half of another.
    pub push_under_way: bool,
}
