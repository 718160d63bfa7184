//! The rows that differ, cell by cell.

use dps_allocation::tables::RowChange;

use crate::page;

/// Cells that are listed.
const MAX_CELLS: usize = 200;

pub(super) fn table(changes: &[RowChange]) -> String {
    let cells = changes.iter().flat_map(|row| {
        row.cells.iter().map(move |cell| {
            [
                row.change.as_str().to_owned(),
                row.table.as_str().to_owned(),
                format!("{}/{}", row.partition, row.row),
                cell.column.clone(),
                cell.before.clone().unwrap_or_default(),
                cell.after.clone().unwrap_or_default(),
            ]
        })
    });
    let headings = ["", "table", "row", "column", "before", "after"];
    page::table(&headings, cells.take(MAX_CELLS))
}
