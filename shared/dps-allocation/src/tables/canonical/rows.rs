//! Canonical rows: known columns, one spelling for each value, in key order.

use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::finding::Place;
use crate::schema::{Column, PerTable, TableName};

/// The canonical rows of all tables.
#[derive(Clone, Debug)]
pub struct Canonical {
    pub(super) tables: PerTable<CanonicalTable>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct CanonicalTable {
    pub(super) text: String,
    pub(super) cells: Vec<CanonicalCell>,
    /// In key order.
    pub(super) rows: Vec<CanonicalSpan>,
    pub(super) is_incomplete: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct CanonicalCell {
    pub(super) column: Column,
    pub(super) end: usize,
}

/// The first two cells of a row are its keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct CanonicalSpan {
    pub(super) line: u32,
    pub(super) state: RowState,
    pub(super) text: usize,
    pub(super) cells: (usize, usize),
}

/// Whether every cell of a row is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowState {
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
    line: u32,
    state: RowState,
    text: &'t str,
    cells: &'t [CanonicalCell],
}

impl Canonical {
    /// The rows of a table in key order.
    pub fn rows(&self, name: TableName) -> impl Iterator<Item = CanonicalRow<'_>> {
        let table = self.tables.get(name);
        table.rows.iter().map(move |span| table.row(name, span))
    }

    /// Whether a table has rows that could not be read at all.
    pub(crate) fn is_incomplete(&self, name: TableName) -> bool {
        self.tables.get(name).is_incomplete
    }

    /// The row with these keys, which must be canonical.
    #[must_use]
    pub fn find(&self, name: TableName, partition: &str, key: &str) -> Option<CanonicalRow<'_>> {
        let table = self.tables.get(name);
        let found = table.rows.binary_search_by(|span| {
            let row = table.row(name, span);
            (row.partition(), row.key()).cmp(&(partition, key))
        });
        Some(table.row(name, table.rows.get(found.ok()?)?))
    }

    /// How many rows a table has.
    #[must_use]
    pub fn len(&self, name: TableName) -> usize {
        self.tables.get(name).rows.len()
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
        self.state == RowState::UnknownColumn || self.cells().any(|(known, _)| known == column)
    }

    /// Whether the column has a value that is not valid.
    pub(crate) fn has_invalid(&self, column: Column) -> bool {
        self.get(column).is_none() && self.has(column)
    }

    /// Whether a cell of the row is not valid.
    pub(crate) fn is_broken(&self) -> bool {
        self.state != RowState::Whole
    }

    /// The value of a column; none means the default.
    ///
    /// A canonical text always parses as a value of its column's kind.
    pub(crate) fn parse<T: FromStr>(&self, column: Column) -> Option<T> {
        self.get(column)?.parse().ok()
    }

    /// All cells, the two keys first.
    pub fn cells(&self) -> impl Iterator<Item = (Column, &'t str)> {
        let text = self.text;
        let mut start = 0;
        self.cells.iter().map(move |cell| {
            let range = start..cell.end;
            start = cell.end;
            (cell.column, text.get(range).unwrap_or_default())
        })
    }

    /// The `PartitionKey`.
    #[must_use]
    pub fn partition(&self) -> &'t str {
        self.get(Column::PartitionKey).unwrap_or_default()
    }

    /// The `RowKey`.
    #[must_use]
    pub fn key(&self) -> &'t str {
        self.get(Column::RowKey).unwrap_or_default()
    }

    /// Where findings about this row are.
    pub(crate) fn place(&self) -> Place<'t> {
        Place {
            table: self.table,
            partition: self.partition(),
            row: self.key(),
            line: self.line,
        }
    }
}

impl CanonicalTable {
    pub(super) fn row<'t>(&'t self, table: TableName, span: &CanonicalSpan) -> CanonicalRow<'t> {
        let cells = self
            .cells
            .get(span.cells.0..span.cells.1)
            .unwrap_or_default();
        let text = self.text.get(span.text..).unwrap_or_default();
        CanonicalRow {
            table,
            line: span.line,
            state: span.state,
            text,
            cells,
        }
    }
}
