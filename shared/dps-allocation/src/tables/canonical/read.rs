//! Reading rows into canonical form, with a finding for each cell that is not valid.

use super::row::{CanonicalRow, RowData, RowState};
use crate::finding::{Finding, Place};
use crate::schema::{Column, Kind, TableName};
use crate::tables::cell::{CellError, canonical};
use crate::tables::columns::{ColumnUse, known_columns};
use crate::tables::table::{Row, Table};

pub(super) fn read_rows(
    name: TableName,
    table: &Table,
    findings: &mut Vec<Finding>,
) -> Vec<RowData> {
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
        Place::row(name, partition, key, row.line()).column(column)
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
