//! One table as a CSV file: the documented columns first, then those that only people know.

use std::io;

use dps_allocation::tables::{Column, Table, TableName, column_name};

/// The whole file; columns without a single cell are there too, so that people see what there is.
pub(crate) fn write(name: TableName, table: &Table) -> io::Result<Vec<u8>> {
    let keys = [Column::PartitionKey, Column::RowKey].into_iter();
    let documented = keys.chain(name.columns().iter().map(|(column, _)| *column));
    let mut columns: Vec<&str> = documented.map(Column::as_str).collect();
    // Where each column of the table stands in the file.
    let mut places = Vec::new();
    for written in table.columns() {
        let column = column_name(name, written).unwrap_or(written);
        let known = columns.iter().position(|it| *it == column);
        places.push(known.unwrap_or(columns.len()));
        if known.is_none() {
            columns.push(column);
        }
    }
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(&columns)?;
    for row in table.rows() {
        let mut cells = vec![""; columns.len()];
        for (column, text) in row.cells() {
            let place = places.get(column).and_then(|place| cells.get_mut(*place));
            if let Some(cell) = place {
                *cell = text;
            }
        }
        file.write_record(&cells)?;
    }
    file.into_inner().map_err(csv::IntoInnerError::into_error)
}
