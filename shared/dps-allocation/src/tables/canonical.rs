//! The tables in canonical form: known columns, one spelling a value, rows in key order.
//!
//! Two sets of tables that say the same have the same canonical form, and so the same revision.

use sha2::{Digest, Sha256};

use super::cell::write_canonical;
use super::columns::{ColumnUse, known_columns};
use super::schema::{Column, Kind, TableName};
use super::{Row, Table, Tables};
use crate::finding::{Finding, Place};

/// The canonical rows of all tables.
#[derive(Clone, Debug)]
pub struct Canonical {
    tables: Vec<CanonicalTable>,
}

#[derive(Clone, Debug, Default)]
struct CanonicalTable {
    text: String,
    cells: Vec<CanonicalCell>,
    /// In key order.
    rows: Vec<CanonicalSpan>,
    is_incomplete: bool,
}

#[derive(Clone, Copy, Debug)]
struct CanonicalCell {
    column: Column,
    end: usize,
}

/// The first two cells of a row are its keys.
#[derive(Clone, Copy, Debug)]
struct CanonicalSpan {
    line: u32,
    state: RowState,
    text: usize,
    cells: (usize, usize),
}

/// How well a row was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowState {
    Whole,
    /// A cell is not understood.
    Broken,
    /// It has a cell in a column that nobody knows, which may belong to any other.
    Strayed,
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
    /// Reads every cell; the findings name each that is not understood.
    ///
    /// A row whose keys are not understood is left out, another cell keeps its default.
    #[must_use]
    pub fn read(tables: &Tables) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let tables = TableName::ALL
            .into_iter()
            .map(|name| CanonicalTable::read(name, tables.table(name), &mut findings))
            .collect();
        (Self { tables }, findings)
    }

    /// The rows of a table in key order.
    pub fn rows(&self, name: TableName) -> impl Iterator<Item = CanonicalRow<'_>> {
        self.tables
            .get(name as usize)
            .into_iter()
            .flat_map(move |table| table.rows.iter().map(move |span| table.row(name, span)))
    }

    /// Whether a table has rows which could not be read at all.
    pub(crate) fn is_incomplete(&self, name: TableName) -> bool {
        self.tables
            .get(name as usize)
            .is_some_and(|table| table.is_incomplete)
    }

    /// The row with these keys, which must be canonical.
    #[must_use]
    pub fn find(&self, name: TableName, partition: &str, key: &str) -> Option<CanonicalRow<'_>> {
        let table = self.tables.get(name as usize)?;
        let found = table.rows.binary_search_by(|span| {
            let row = table.row(name, span);
            (row.partition(), row.key()).cmp(&(partition, key))
        });
        Some(table.row(name, table.rows.get(found.ok()?)?))
    }

    /// How many rows a table has.
    #[must_use]
    pub fn len(&self, name: TableName) -> usize {
        self.tables
            .get(name as usize)
            .map_or(0, |table| table.rows.len())
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

/// What is wrong with a second row of the same canonical keys, and what to do.
fn same_keys(name: TableName) -> (&'static str, &'static str) {
    match name {
        TableName::Hubs => (
            "another row is for the same hub",
            "keep one of them; NAME.device.azure-devices.net is the hub NAME.azure-devices.net",
        ),
        _ => ("another row has the same keys", "keep one of them"),
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

    /// Whether the column holds something, be it that nobody understands it.
    pub(crate) fn has(&self, column: Column) -> bool {
        self.state == RowState::Strayed || self.cells().any(|(known, _)| known == column)
    }

    /// Whether the column holds something that nobody understands.
    pub(crate) fn has_unread(&self, column: Column) -> bool {
        self.get(column).is_none() && self.has(column)
    }

    /// Whether some cell of the row is not understood.
    pub(crate) fn is_broken(&self) -> bool {
        self.state != RowState::Whole
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
    fn read(name: TableName, table: &Table, findings: &mut Vec<Finding>) -> Self {
        let mut this = Self {
            is_incomplete: table.is_incomplete(),
            ..Self::default()
        };
        let Some(columns) = known_columns(name, table, findings) else {
            return this;
        };
        for row in table.rows() {
            this.push(name, &columns, row, findings);
        }
        this.sort();
        this.drop_duplicates(name, findings);
        this
    }

    fn push(
        &mut self,
        name: TableName,
        columns: &[ColumnUse],
        row: Row<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let text = |wanted: Column| {
            let is = |column: usize| matches!(columns.get(column), Some(ColumnUse::Known(known, _)) if *known == wanted);
            row.cells()
                .find_map(|(column, text)| is(column).then_some(text))
                .unwrap_or_default()
        };
        let (partition, key) = (text(Column::PartitionKey), text(Column::RowKey));
        let place = Place {
            table: name,
            partition,
            row: key,
            line: row.line(),
        };
        let (text_start, cells_start) = (self.text.len(), self.cells.len());
        let keys = name.keys();
        let keys = [
            (Column::PartitionKey, keys.0, partition),
            (Column::RowKey, keys.1, key),
        ];
        for (column, kind, text) in keys {
            if text.is_empty() {
                let help = "every row has a PartitionKey and a RowKey";
                findings.push(place.error(column.as_str(), "the key is empty", help));
            }
            if text.is_empty() || !self.push_cell(text_start, column, kind, text, &place, findings)
            {
                self.text.truncate(text_start);
                self.cells.truncate(cells_start);
                return;
            }
        }
        let mut state = RowState::Whole;
        for (column, text) in row.cells() {
            let (column, kind) = match columns.get(column) {
                Some(ColumnUse::Known(column, kind)) => (column, kind),
                Some(ColumnUse::Unknown) => {
                    state = RowState::Strayed;
                    continue;
                }
                Some(ColumnUse::Ignored) | None => continue,
            };
            if matches!(column, Column::PartitionKey | Column::RowKey) {
                continue;
            }
            if !self.push_cell(text_start, *column, *kind, text, &place, findings) {
                let end = self.text.len() - text_start;
                self.cells.push(CanonicalCell {
                    column: *column,
                    end,
                });
                if state == RowState::Whole {
                    state = RowState::Broken;
                }
            }
        }
        // Columns in the order of the schema, whatever the order in the file.
        self.order_cells(cells_start, text_start);
        let cells = (cells_start, self.cells.len());
        self.rows.push(CanonicalSpan {
            line: row.line(),
            state,
            text: text_start,
            cells,
        });
    }

    fn push_cell(
        &mut self,
        row_start: usize,
        column: Column,
        kind: Kind,
        text: &str,
        place: &Place<'_>,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let start = self.text.len();
        if let Err(error) = write_canonical(kind, text, &mut self.text) {
            self.text.truncate(start);
            findings.push(place.error(column.as_str(), error.rule, &error.help));
            return false;
        }
        self.cells.push(CanonicalCell {
            column,
            end: self.text.len() - row_start,
        });
        true
    }

    fn order_cells(&mut self, cells_start: usize, text_start: usize) {
        let cells = self.cells.get(cells_start..).unwrap_or_default();
        if cells.is_sorted_by_key(|cell| cell.column) {
            return;
        }
        let text = self.text.split_off(text_start);
        let mut start = 0;
        let mut parts: Vec<(Column, &str)> = Vec::with_capacity(cells.len());
        for cell in cells {
            parts.push((cell.column, text.get(start..cell.end).unwrap_or_default()));
            start = cell.end;
        }
        parts.sort_by_key(|(column, _)| *column);
        self.cells.truncate(cells_start);
        for (column, part) in parts {
            self.text.push_str(part);
            self.cells.push(CanonicalCell {
                column,
                end: self.text.len() - text_start,
            });
        }
    }

    fn row<'t>(&'t self, table: TableName, span: &CanonicalSpan) -> CanonicalRow<'t> {
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

    fn sort(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        let key = |span: &CanonicalSpan| {
            // The name of the table plays no part in the order.
            let row = self.row(TableName::Hubs, span);
            (row.partition(), row.key())
        };
        if !rows.is_sorted_by(|a, b| key(a) <= key(b)) {
            rows.sort_by(|a, b| key(a).cmp(&key(b)));
        }
        self.rows = rows;
    }

    fn drop_duplicates(&mut self, name: TableName, findings: &mut Vec<Finding>) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.dedup_by(|second, first| {
            let (first, second) = (self.row(name, first), self.row(name, second));
            let same = (first.partition(), first.key()) == (second.partition(), second.key());
            if same {
                let (rule, help) = same_keys(name);
                findings.push(second.place().error("", rule, help));
            }
            same
        });
        self.rows = rows;
    }
}
