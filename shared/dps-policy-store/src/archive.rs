//! Tables as one text, for a stored revision and for the file of the last good policy.

use std::borrow::Cow;
use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use dps_allocation::tables::{TableName, Tables};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The tables that have rows, by name; JSON.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Archive<'a>(#[serde(borrow)] BTreeMap<Cow<'a, str>, ArchivedTable<'a>>);

#[derive(Debug, Deserialize, Serialize)]
struct ArchivedTable<'a> {
    #[serde(borrow)]
    columns: Vec<Cow<'a, str>>,
    /// A cell for each column; none if it is empty.
    #[serde(borrow)]
    rows: Vec<Vec<Option<Cow<'a, str>>>>,
}

/// The text is JSON, but not tables that this version knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error("`{0}` is not the name of a config table")]
    Table(String),
    #[error("the {0} table is too large")]
    TooLarge(&'static str),
}

/// The checksum of such a text.
pub(crate) fn checksum(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text))
}

impl<'a> Archive<'a> {
    /// The rows as they were read, whatever their spelling; places in files are left behind.
    pub(crate) fn of(tables: &'a Tables, is_wanted: impl Fn(TableName) -> bool) -> Self {
        let wanted = TableName::all().filter(|name| is_wanted(*name));
        let filled = wanted.filter(|name| !tables.table(*name).is_empty());
        let archived = filled.map(|name| {
            let table = tables.table(name);
            let columns: Vec<Cow<'_, str>> = table.columns().map(Cow::Borrowed).collect();
            let rows = table.rows().map(|row| {
                let mut cells = vec![None; columns.len()];
                for (column, text) in row.cells() {
                    if let Some(cell) = cells.get_mut(column) {
                        *cell = Some(Cow::Borrowed(text));
                    }
                }
                cells
            });
            let rows = rows.collect();
            (name.as_str().into(), ArchivedTable { columns, rows })
        });
        Self(archived.collect())
    }

    /// The tables again.
    pub(crate) fn restore(&self) -> Result<Tables, ArchiveError> {
        let mut tables = Tables::default();
        for (name, archived) in &self.0 {
            let known = TableName::all().find(|it| it.as_str() == *name);
            let name = known.ok_or_else(|| ArchiveError::Table(name.to_string()))?;
            let table = tables.table_mut(name);
            let columns: Vec<usize> = archived.columns.iter().map(|it| table.column(it)).collect();
            for row in &archived.rows {
                let cells = columns.iter().zip(row);
                let cells = cells.filter_map(|(column, cell)| Some((*column, cell.as_deref()?)));
                let pushed = table.push(None, cells);
                pushed.map_err(|_too_large| ArchiveError::TooLarge(name.as_str()))?;
            }
        }
        Ok(tables)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn tables() -> Tables {
        let mut tables = Tables::default();
        let hubs = tables.table_mut(TableName::Hubs);
        let columns = ["PartitionKey", "RowKey", "weight", "note"].map(|it| hubs.column(it));
        let row = |texts: [&'static str; 4]| columns.into_iter().zip(texts);
        hubs.push(
            NonZeroU32::new(2),
            row(["hub", "a.net", "", "a \"quoted\",\nnote é 🦀"]),
        )
        .unwrap();
        hubs.push(NonZeroU32::new(3), row(["hub", "b.net", "5", ""]))
            .unwrap();
        let devices = tables.table_mut(TableName::Devices);
        let key = devices.column("PartitionKey");
        devices.push(NonZeroU32::new(2), [(key, "d")]).unwrap();
        tables
    }

    fn cells(tables: &Tables, name: TableName) -> Vec<Vec<(String, String)>> {
        let table = tables.table(name);
        let names: Vec<&str> = table.columns().collect();
        let rows = table.rows();
        rows.map(|row| {
            let cells = row.cells();
            cells
                .map(|(column, text)| (names[column].to_owned(), text.to_owned()))
                .collect()
        })
        .collect()
    }

    #[test]
    fn what_is_stored_comes_back_cell_by_cell() {
        let tables = tables();
        let text = serde_json::to_string(&Archive::of(&tables, |_| true)).unwrap();
        let restored = serde_json::from_str::<Archive<'_>>(&text)
            .unwrap()
            .restore()
            .unwrap();
        for name in TableName::all() {
            assert_eq!(cells(&restored, name), cells(&tables, name));
        }
    }

    #[test]
    fn a_table_that_is_not_wanted_is_left_out() {
        let tables = tables();
        let text = serde_json::to_string(&Archive::of(&tables, TableName::is_in_revision)).unwrap();
        assert!(!text.contains("devices"), "{text}");
        assert_eq!(cells(&tables, TableName::Devices).len(), 1);
    }

    #[test]
    fn an_unknown_table_is_named() {
        let archive: Archive<'_> =
            serde_json::from_str(r#"{"hats": {"columns": [], "rows": []}}"#).unwrap();
        assert_eq!(
            archive.restore().unwrap_err(),
            ArchiveError::Table("hats".to_owned())
        );
    }

    #[test]
    fn rows_of_any_length_do_not_panic() {
        let text =
            r#"{"hubs": {"columns": ["RowKey", "RowKey"], "rows": [[], ["a", "b", "c"], [null]]}}"#;
        let archive: Archive<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(archive.restore().unwrap().table(TableName::Hubs).len(), 3);
    }
}
