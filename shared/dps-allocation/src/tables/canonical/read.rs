//! Reads every cell: known columns, one spelling for each value, rows in key order.

use super::rows::{Canonical, CanonicalCell, CanonicalSpan, CanonicalTable, RowState};
use crate::finding::{Finding, Place};
use crate::schema::{Column, Kind, PerTable, TableName};
use crate::tables::cell::write_canonical;
use crate::tables::columns::{ColumnUse, known_columns};
use crate::tables::table::{Row, Table, Tables};

impl Canonical {
    /// Reads every cell; a finding names each that is not valid.
    ///
    /// A row without valid keys is dropped; any other invalid cell counts as empty.
    #[must_use]
    pub fn read(tables: &Tables) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let tables =
            PerTable::new(|name| CanonicalTable::read(name, tables.table(name), &mut findings));
        (Self { tables }, findings)
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
                    state = RowState::UnknownColumn;
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
