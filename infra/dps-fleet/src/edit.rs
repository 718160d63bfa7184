//! Edits of rows: what a command writes, and what the tables then say.

use dps_allocation::tables::{
    Column, Table, TableName, TableTooLarge, Tables, column_name, diff_table,
};

/// Cells by the names of their columns in the documentation; an empty text clears the cell.
pub type Cells = Vec<(&'static str, String)>;

/// A change of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowEdit {
    /// The table.
    pub table: TableName,
    /// `PartitionKey`, as the table spells it.
    pub partition: String,
    /// `RowKey`, as the table spells it.
    pub row: String,
    /// Whether the row is new.
    pub new: bool,
    /// The cells that change; those of a new row without its keys.
    pub cells: Cells,
}

impl RowEdit {
    /// The tables with this edit.
    ///
    /// # Errors
    /// [`TableTooLarge`] when a table exceeds 4 GiB.
    pub fn apply(&self, tables: &Tables) -> Result<Tables, TableTooLarge> {
        let before = tables.table(self.table);
        let rows = diff_table(self.table, &Table::default(), before);
        let same = |partition: &str, row: &str| partition == self.partition && row == self.row;
        let found = rows.iter().find(|it| same(&it.partition, &it.row));
        let mut cells = self.cells.clone();
        if found.is_none() {
            let keys = [
                (Column::PartitionKey.as_str(), self.partition.clone()),
                (Column::RowKey.as_str(), self.row.clone()),
            ];
            cells.splice(0..0, keys);
        }
        let number = found.and_then(|it| it.after);
        let mut tables = tables.clone();
        *tables.table_mut(self.table) = with_cells(self.table, before, number, &cells)?;
        Ok(tables)
    }
}

/// The table with these cells in the row of that number; `None`: in a new row.
///
/// # Errors
/// [`TableTooLarge`] when the table exceeds 4 GiB.
pub fn with_cells(
    name: TableName,
    before: &Table,
    number: Option<usize>,
    cells: &[(&'static str, String)],
) -> Result<Table, TableTooLarge> {
    let mut after = Table::default();
    for column in before.columns() {
        after.column(column);
    }
    let mut written = Vec::new();
    for (column, text) in cells {
        let named = |it: &str| column_name(name, it) == Some(column);
        let known = before.columns().position(named);
        let place = known.unwrap_or_else(|| after.column(column));
        written.push((place, &**text));
    }
    for (at, row) in before.rows().enumerate() {
        if Some(at) == number {
            let others = row.cells();
            let others = others.filter(|(column, _)| written.iter().all(|(it, _)| it != column));
            let cells: Vec<(usize, &str)> = others.chain(written.iter().copied()).collect();
            after.push(row.line(), cells)?;
        } else {
            after.push(row.line(), row.cells())?;
        }
    }
    if number.is_none() {
        after.push(None, written)?;
    }
    Ok(after)
}
