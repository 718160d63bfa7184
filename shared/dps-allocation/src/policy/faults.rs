//! What errors leave unknown. A later check asks before it draws a conclusion from what is missing,
//! so that one broken cell is one finding.

use std::collections::HashSet;

use crate::finding::{Finding, Place, Severity};
use crate::tables::{Canonical, CanonicalRow, Column, TableName, column_name};

/// The errors that have been found so far.
pub(super) struct Faults {
    /// How many findings have been taken into account.
    seen: usize,
    /// `PartitionKey/RowKey` of broken rows.
    rows: HashSet<(TableName, String)>,
    tables: [TableFaults; TableName::ALL.len()],
}

/// What is broken in one table.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and any of them may hold together"
)]
struct TableFaults {
    /// Some row, some column, or the table as a whole.
    any: bool,
    /// Nobody knows which row is affected.
    every_row: bool,
    /// Rows may be missing.
    rows_missing: bool,
    /// A column has a name that nobody knows; its values may belong to any other.
    unknown_column: bool,
    /// Columns with a cell that is not understood.
    columns: Vec<&'static str>,
}

impl Faults {
    /// The errors of reading the cells.
    pub(super) fn of(rows: &Canonical, findings: &[Finding]) -> Self {
        let mut this = Self {
            seen: 0,
            rows: HashSet::new(),
            tables: Default::default(),
        };
        for table in TableName::ALL {
            if rows.is_incomplete(table) {
                let faults = this.table_mut(table);
                (faults.any, faults.rows_missing) = (true, true);
            }
            // Findings spell the keys as they were written.
            if !findings.is_empty() {
                let broken = rows.rows(table).filter(CanonicalRow::is_broken);
                let broken = broken.map(|row| (table, row.place().row_name()));
                this.rows.extend(broken);
            }
        }
        this.see(findings);
        this
    }

    /// Takes the findings into account that have been added since.
    pub(super) fn see(&mut self, findings: &[Finding]) {
        for finding in findings.get(self.seen..).unwrap_or_default() {
            if let (Severity::Error, Some(table)) = (finding.severity, finding.table) {
                self.add(table, finding);
            }
        }
        self.seen = findings.len();
    }

    fn add(&mut self, table: TableName, finding: &Finding) {
        let of_row = !finding.row.is_empty();
        if of_row {
            self.rows.insert((table, finding.row.clone()));
        }
        let faults = self.table_mut(table);
        faults.any = true;
        faults.every_row |= !of_row;
        match column_name(table, &finding.column) {
            Some("PartitionKey" | "RowKey") => faults.rows_missing = true,
            Some(column) if faults.columns.contains(&column) => {}
            Some(column) => faults.columns.push(column),
            None if !finding.column.is_empty() => faults.unknown_column = true,
            None => faults.rows_missing |= !of_row,
        }
    }

    /// Whether a table has an error.
    pub(super) fn in_table(&self, table: TableName) -> bool {
        self.table(table).is_some_and(|faults| faults.any)
    }

    /// Whether an error may be the reason that no row of a table has some value in this column.
    pub(super) fn may_hide(&self, table: TableName, column: Column) -> bool {
        let is_key = matches!(column, Column::PartitionKey | Column::RowKey);
        self.table(table).is_some_and(|faults| {
            faults.rows_missing
                || faults.unknown_column && !is_key
                || faults.columns.contains(&column.as_str())
        })
    }

    /// Whether an error has been found in a row, or in all rows of its table.
    pub(super) fn is_broken(&self, place: &Place<'_>) -> bool {
        let every_row = |faults: &TableFaults| faults.every_row;
        self.table(place.table).is_some_and(every_row)
            || !self.rows.is_empty() && self.rows.contains(&(place.table, place.row_name()))
    }

    /// Whether a finding is about a broken row.
    pub(super) fn are_about(&self, finding: &Finding) -> bool {
        finding.table.is_some_and(|table| {
            let every_row = |faults: &TableFaults| faults.every_row;
            self.table(table).is_some_and(every_row)
                || self.rows.contains(&(table, finding.row.clone()))
        })
    }

    fn table(&self, table: TableName) -> Option<&TableFaults> {
        self.tables.get(table as usize)
    }

    fn table_mut(&mut self, table: TableName) -> &mut TableFaults {
        let [
            hubs,
            enrollments,
            tenants,
            rules,
            rollouts,
            latency,
            twins,
            devices,
        ] = &mut self.tables;
        match table {
            TableName::Hubs => hubs,
            TableName::Enrollments => enrollments,
            TableName::Tenants => tenants,
            TableName::Rules => rules,
            TableName::Rollouts => rollouts,
            TableName::Latency => latency,
            TableName::Twins => twins,
            TableName::Devices => devices,
        }
    }
}
