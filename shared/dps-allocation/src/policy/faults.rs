//! The errors found so far, and what they leave unknown.
//!
//! A later check asks before it concludes something from what is missing, so that one invalid cell
//! gives one finding.

use std::collections::HashSet;

use crate::finding::{Finding, Place, Severity};
use crate::schema::{Column, PerTable, TableName};
use crate::tables::{Canonical, CanonicalRow, column_name};

/// The errors found so far.
pub(super) struct Faults {
    /// How many findings have been counted.
    counted: usize,
    /// `PartitionKey/RowKey` of invalid rows.
    rows: HashSet<(TableName, String)>,
    tables: PerTable<TableFaults>,
}

/// The errors of one table.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and any of them may hold together"
)]
struct TableFaults {
    /// A row, a column or the table as a whole has an error.
    any: bool,
    /// An error does not name its row.
    every_row: bool,
    /// Rows may be missing.
    rows_missing: bool,
    /// A column has an unknown name; its values may belong to any other.
    unknown_column: bool,
    /// Columns with an invalid cell.
    columns: Vec<&'static str>,
}

impl Faults {
    /// The errors of reading the cells.
    pub(super) fn of(rows: &Canonical, findings: &[Finding]) -> Self {
        let mut this = Self {
            counted: 0,
            rows: HashSet::new(),
            tables: PerTable::default(),
        };
        for table in TableName::all() {
            if rows.is_incomplete(table) {
                let faults = this.tables.get_mut(table);
                (faults.any, faults.rows_missing) = (true, true);
            }
            // Findings spell the keys as they were written.
            if !findings.is_empty() {
                let broken = rows.rows(table).filter(CanonicalRow::is_broken);
                let broken = broken.filter_map(|row| Some((table, row.place().row?)));
                this.rows.extend(broken);
            }
        }
        this.count(findings);
        this
    }

    /// Counts the findings that have been added since.
    pub(super) fn count(&mut self, findings: &[Finding]) {
        for finding in findings.get(self.counted..).unwrap_or_default() {
            if let (Severity::Error, Some(place)) = (finding.severity, &finding.place) {
                self.add(place);
            }
        }
        self.counted = findings.len();
    }

    fn add(&mut self, place: &Place) {
        let of_row = place.row.is_some();
        if let Some(row) = &place.row {
            self.rows.insert((place.table, row.clone()));
        }
        let faults = self.tables.get_mut(place.table);
        faults.any = true;
        faults.every_row |= !of_row;
        let Some(column) = &place.column else {
            faults.rows_missing |= !of_row;
            return;
        };
        match column_name(place.table, column) {
            Some("PartitionKey" | "RowKey") => faults.rows_missing = true,
            Some(column) if faults.columns.contains(&column) => {}
            Some(column) => faults.columns.push(column),
            None => faults.unknown_column = true,
        }
    }

    /// Whether a table has an error.
    pub(super) fn in_table(&self, table: TableName) -> bool {
        self.tables.get(table).any
    }

    /// Whether an error may be the reason that no row of a table has some value in this column.
    pub(super) fn may_hide(&self, table: TableName, column: Column) -> bool {
        let faults = self.tables.get(table);
        let is_key = matches!(column, Column::PartitionKey | Column::RowKey);
        faults.rows_missing
            || faults.unknown_column && !is_key
            || faults.columns.contains(&column.as_str())
    }

    /// Whether a row has an error, or an error may be in any row of its table.
    pub(super) fn is_broken(&self, place: &Place) -> bool {
        let is_broken =
            |row: &String| !self.rows.is_empty() && self.rows.contains(&(place.table, row.clone()));
        self.tables.get(place.table).every_row || place.row.as_ref().is_some_and(is_broken)
    }

    /// Whether a finding is about a row with an error.
    pub(super) fn are_about(&self, finding: &Finding) -> bool {
        finding.place.as_ref().is_some_and(|it| self.is_broken(it))
    }
}
