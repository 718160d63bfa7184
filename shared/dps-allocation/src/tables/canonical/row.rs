//! A row in canonical form.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::finding::Place;
use crate::schema::{Column, TableName};

/// `Debug` hides the values: rows of devices and twins are in no log.
#[derive(Clone)]
pub(super) struct RowData {
    pub(super) line: Option<NonZeroU32>,
    pub(super) state: RowState,
    pub(super) partition: Box<str>,
    pub(super) key: Box<str>,
    /// The other cells in the order of the columns; an invalid cell is empty.
    pub(super) cells: Vec<(Column, Box<str>)>,
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
    pub(super) fn keys(&self) -> (&str, &str) {
        (&self.partition, &self.key)
    }
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
    pub(super) table: TableName,
    pub(super) row: &'t RowData,
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
        self.place().column(column)
    }

    pub(crate) fn table(&self) -> TableName {
        self.table
    }

    /// The line of the CSV file, if the row comes from one.
    pub(crate) fn line(&self) -> Option<NonZeroU32> {
        self.row.line
    }
}
