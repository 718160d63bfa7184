//! The tables in canonical form: known columns, one spelling for each value, rows in key order.
//!
//! Two sets of tables with the same meaning have the same canonical form, and so the same revision.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::cell::{CellError, canonical};
use super::columns::{ColumnUse, known_columns};
use super::table::{Row, Table, Tables};
use crate::finding::{Finding, Place};
use crate::schema::{Column, Kind, PerTable, TableName};

/// The canonical rows of all tables.
#[derive(Clone, Debug)]
pub struct Canonical {
    tables: PerTable<CanonicalTable>,
}

#[derive(Clone, Debug)]
struct CanonicalTable {
    /// In key order.
    rows: Vec<RowData>,
    is_incomplete: bool,
}

/// `Debug` hides the values: rows of devices and twins are in no log.
#[derive(Clone)]
struct RowData {
    line: Option<NonZeroU32>,
    state: RowState,
    partition: Box<str>,
    key: Box<str>,
    /// The other cells in the order of the columns; an invalid cell is empty.
    cells: Vec<(Column, Box<str>)>,
}

impl fmt::Debug for RowData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self
            .cells
            .iter()
            .map(|(column, _)| column.as_str())
            .collect();
        f.debug_struct("RowData")
            .field("line", &self.line)
            .field("state", &self.state)
            .field("keys", &self.keys())
            .field("columns", &columns)
            .finish_non_exhaustive()
    }
}

impl RowData {
    fn keys(&self) -> (&str, &str) {
        (&self.partition, &self.key)
    }
}

/// Whether every cell of a row is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowState {
    Whole,
    /// A cell is not valid.
    Broken,
    /// It has a cell in an unknown column, which may be a misspelling of any other.
    UnknownColumn,
}

/// A canonical row.
#[derive(Clone, Copy, Debug)]
pub struct CanonicalRow<'t> {
    table: TableName,
    row: &'t RowData,
}

impl Canonical {
    /// Reads every cell; a finding names each that is not valid.
    ///
    /// A row without valid keys is dropped; any other invalid cell counts as empty.
    #[must_use]
    pub fn read(tables: &Tables) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let tables = PerTable::new(|name| {
            let table = tables.table(name);
            CanonicalTable {
                rows: read_rows(name, table, &mut findings),
                is_incomplete: table.is_incomplete(),
            }
        });
        (Self { tables }, findings)
    }

    /// The rows of a table in key order.
    pub fn rows(&self, table: TableName) -> impl Iterator<Item = CanonicalRow<'_>> {
        let rows = self.tables.get(table).rows.iter();
        rows.map(move |row| CanonicalRow { table, row })
    }

    /// Whether a table has rows that could not be read at all.
    pub(crate) fn is_incomplete(&self, table: TableName) -> bool {
        self.tables.get(table).is_incomplete
    }

    /// The row with these keys, which must be canonical.
    #[must_use]
    pub fn find(&self, table: TableName, partition: &str, key: &str) -> Option<CanonicalRow<'_>> {
        let rows = &self.tables.get(table).rows;
        let at = rows.binary_search_by(|row| row.keys().cmp(&(partition, key)));
        let row = rows.get(at.ok()?)?;
        Some(CanonicalRow { table, row })
    }

    /// How many rows a table has.
    #[must_use]
    pub fn len(&self, table: TableName) -> usize {
        self.tables.get(table).rows.len()
    }

    /// SHA-256 over the tables that count into the revision.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for name in TableName::IN_REVISION {
            for row in self.rows(name) {
                part(&mut digest, name.as_str());
                for (column, text) in row.cells() {
                    part(&mut digest, column.as_str());
                    part(&mut digest, text);
                }
            }
        }
        digest.finalize().into()
    }
}

/// Length first, so that no two sequences of parts give the same bytes.
fn part(digest: &mut Sha256, text: &str) {
    digest.update((text.len() as u64).to_le_bytes());
    digest.update(text.as_bytes());
}

impl<'t> CanonicalRow<'t> {
    /// The canonical text of a column; none means the default.
    #[must_use]
    pub fn get(&self, column: Column) -> Option<&'t str> {
        let mut cells = self.cells();
        cells.find_map(|(known, text)| (known == column && !text.is_empty()).then_some(text))
    }

    /// Whether the column has a value, valid or not.
    pub(crate) fn has(&self, column: Column) -> bool {
        self.row.state == RowState::UnknownColumn || self.cells().any(|(known, _)| known == column)
    }

    /// Whether the column has a value that is not valid.
    pub(crate) fn has_invalid(&self, column: Column) -> bool {
        self.get(column).is_none() && self.has(column)
    }

    /// Whether a cell of the row is not valid.
    pub(crate) fn is_broken(&self) -> bool {
        self.row.state != RowState::Whole
    }

    /// The value of a column; none means the default.
    ///
    /// A canonical text always parses as a value of its column's kind.
    pub(crate) fn parse<T: FromStr>(&self, column: Column) -> Option<T> {
        self.get(column)?.parse().ok()
    }

    /// All cells, the two keys first.
    pub fn cells(&self) -> impl Iterator<Item = (Column, &'t str)> {
        let keys = [
            (Column::PartitionKey, self.partition()),
            (Column::RowKey, self.key()),
        ];
        let others = self.row.cells.iter();
        let others = others.map(|(column, text)| (*column, &**text));
        keys.into_iter().chain(others)
    }

    /// The `PartitionKey`.
    #[must_use]
    pub fn partition(&self) -> &'t str {
        &self.row.partition
    }

    /// The `RowKey`.
    #[must_use]
    pub fn key(&self) -> &'t str {
        &self.row.key
    }

    /// Where findings about this row are.
    pub(crate) fn place(&self) -> Place {
        Place::row(self.table, self.partition(), self.key(), self.row.line)
    }

    /// Where findings about a cell of this row are.
    pub(crate) fn cell(&self, column: Column) -> Place {
        self.place().column(column.as_str())
    }

    pub(crate) fn table(&self) -> TableName {
        self.table
    }

    /// The line of the CSV file, if the row comes from one.
    pub(crate) fn line(&self) -> Option<NonZeroU32> {
        self.row.line
    }
}

fn read_rows(name: TableName, table: &Table, findings: &mut Vec<Finding>) -> Vec<RowData> {
    let Some(columns) = known_columns(name, table, findings) else {
        return Vec::new();
    };
    let rows = table.rows();
    let mut rows: Vec<RowData> = rows
        .filter_map(|row| read_row(name, &columns, row, findings))
        .collect();
    rows.sort_by(|a, b| a.keys().cmp(&b.keys()));
    rows.dedup_by(|second, first| {
        let is_same = second.keys() == first.keys();
        if is_same {
            let (rule, help) = same_keys(name);
            let second = CanonicalRow {
                table: name,
                row: second,
            };
            findings.push(second.place().error(rule, help));
        }
        is_same
    });
    rows
}

/// Reads a row; none if a key is not valid.
fn read_row(
    name: TableName,
    columns: &[ColumnUse],
    row: Row<'_>,
    findings: &mut Vec<Finding>,
) -> Option<RowData> {
    let text = |wanted: Column| {
        let is_wanted = |column: usize| matches!(columns.get(column), Some(ColumnUse::Known(known, _)) if *known == wanted);
        let mut cells = row.cells();
        cells.find_map(|(column, text)| is_wanted(column).then_some(text))
    };
    let (partition, key) = (text(Column::PartitionKey), text(Column::RowKey));
    let cell = |column: Column| {
        let (partition, key) = (partition.unwrap_or_default(), key.unwrap_or_default());
        Place::row(name, partition, key, row.line()).column(column.as_str())
    };
    let read = |column: Column, kind: Kind, text: &str, findings: &mut Vec<Finding>| {
        let error = |error: CellError| {
            findings.push(cell(column).error(error.rule, error.help));
        };
        let text = canonical(kind, text).map_err(error);
        text.ok().map(String::into_boxed_str)
    };
    let kinds = name.keys();
    let mut read_key = |column: Column, kind: Kind, text: Option<&str>| {
        if text.is_none() {
            let help = "every row has a PartitionKey and a RowKey";
            findings.push(cell(column).error("the key is empty", help));
        }
        read(column, kind, text?, findings)
    };
    let partition = read_key(Column::PartitionKey, kinds.0, partition)?;
    let key = read_key(Column::RowKey, kinds.1, key)?;
    let mut cells = Vec::new();
    let mut state = RowState::Whole;
    for (column, text) in row.cells() {
        match columns.get(column) {
            Some(
                ColumnUse::Known(Column::PartitionKey | Column::RowKey, _) | ColumnUse::Ignored,
            )
            | None => {}
            Some(ColumnUse::Known(column, kind)) => {
                let text = read(*column, *kind, text, findings);
                if text.is_none() && state == RowState::Whole {
                    state = RowState::Broken;
                }
                cells.push((*column, text.unwrap_or_default()));
            }
            Some(ColumnUse::Unknown) => state = RowState::UnknownColumn,
        }
    }
    cells.sort_by_key(|(column, _)| *column);
    Some(RowData {
        line: row.line(),
        state,
        partition,
        key,
        cells,
    })
}

/// The rule that a second row with the same canonical keys breaks, and the help.
fn same_keys(name: TableName) -> (&'static str, &'static str) {
    match name {
        TableName::Hubs => (
            "another row is for the same hub",
            "keep one of them; NAME.device.azure-devices.net is the hub NAME.azure-devices.net",
        ),
        _ => ("another row has the same keys", "keep one of them"),
    }
}
