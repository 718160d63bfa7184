//! Rows of the store as rows of a table.

use dps_allocation::tables::{Column, Table, TableName, TableTooLarge, column_name};

use crate::azure::model::StoredRow;

/// Rows of one table may spell a column differently (`Weight`, `weight`): it is one column then.
pub(crate) fn fill(
    name: TableName,
    table: &mut Table,
    rows: &[StoredRow],
) -> Result<(), TableTooLarge> {
    let partition = table.column(Column::PartitionKey.as_str());
    let key = table.column(Column::RowKey.as_str());
    for row in rows {
        let mut cells = vec![
            (partition, row.key.partition.as_str()),
            (key, row.key.row.as_str()),
        ];
        let named = row.cells.iter().map(|(written, text)| {
            let name = column_name(name, written).unwrap_or(written);
            (name, written, text)
        });
        let mut named: Vec<_> = named.collect();
        // Of two spellings in one row the documented one counts; the other is a finding.
        named.sort_by_key(|(name, written, _)| name != written);
        for (name, written, text) in named {
            let mut column = table.column(name);
            if cells.iter().any(|(used, _)| *used == column) {
                column = table.column(written);
            }
            cells.push((column, text));
        }
        table.push(None, cells)?;
    }
    Ok(())
}
