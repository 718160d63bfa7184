//! Rows of config tables, written and edited as other tools do.

use dps_allocation::tables::TableName;
use dps_policy_store::azure::{
    AzureTables, Batch, Change, ETag, Key, KeyPart, Row, StoreTable, StoredRow, WriteError,
};

/// The keys `partition/row`.
#[must_use]
pub fn key(keys: &str) -> Key {
    // Azure allows no `/` in a key.
    let (partition, row) = keys.split_once('/').expect("`partition/row`");
    let part = |text| KeyPart::parse(text).unwrap();
    Key {
        partition: part(partition),
        row: part(row),
    }
}

/// The row `partition/row` with these cells.
#[must_use]
pub fn row(keys: &str, cells: &[(&str, &str)]) -> Row {
    let cells = cells
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Row::new(key(keys), cells.collect()).unwrap()
}

/// Adds a row.
#[must_use]
pub fn insert(keys: &str, cells: &[(&str, &str)]) -> Change {
    Change::Insert(row(keys, cells))
}

/// Makes the changes, in as many batches as it takes; returns the new versions.
///
/// # Errors
///
/// A batch was not written, or perhaps not; the ones before it were.
pub async fn write(
    tables: &AzureTables,
    table: StoreTable,
    changes: Vec<Change>,
) -> Result<Vec<Option<ETag>>, WriteError> {
    let mut etags = Vec::new();
    for batch in Batch::split(changes) {
        etags.extend(tables.write(table, &batch).await?);
    }
    Ok(etags)
}

/// The row with these keys.
pub async fn find(tables: &AzureTables, table: StoreTable, keys: &str) -> Option<StoredRow> {
    let rows = tables.rows(table).await.unwrap();
    rows.into_iter().find(|row| row.key == key(keys))
}

/// Sets cells of a row as an operator does in a portal; adds the row where there is none.
pub async fn edit(tables: &AzureTables, name: TableName, keys: &str, cells: &[(&str, &str)]) {
    let table = StoreTable::Config(name);
    let stored = find(tables, table, keys).await;
    let mut all = stored
        .as_ref()
        .map_or_else(Vec::new, |row| row.cells.clone());
    for (column, text) in cells {
        all.retain(|(name, _)| name != column);
        all.push(((*column).to_owned(), (*text).to_owned()));
    }
    let row = Row::new(key(keys), all).unwrap();
    let change = match stored {
        Some(stored) => Change::Replace(row, stored.etag),
        None => Change::Insert(row),
    };
    write(tables, table, vec![change]).await.unwrap();
}
