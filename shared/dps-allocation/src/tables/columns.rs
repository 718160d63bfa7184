//! Which columns a table has, however somebody spells them.

use super::Table;
use super::schema::{Column, Kind, TableName};
use crate::finding::{Finding, Place};

/// Columns that people may use freely.
const FREE: [&str; 2] = ["note", "owner"];

/// What each column of the table is: known, to be ignored, or (with a finding) unknown.
///
/// None where a key column is missing: no row can be told from another then.
pub(super) fn known_columns(
    name: TableName,
    table: &Table,
    findings: &mut Vec<Finding>,
) -> Option<Vec<Option<(Column, Kind)>>> {
    let place = Place {
        table: name,
        partition: "",
        row: "",
        line: 0,
    };
    let mut known: Vec<Option<(Column, Kind)>> = Vec::new();
    for column in table.columns() {
        let found = find_column(name, column);
        if found.is_none() && !is_ignored(column) {
            let names: Vec<&str> = name.columns().iter().map(|(c, _)| c.as_str()).collect();
            let rule = format!("the {} table has no column `{column}`", name.as_str());
            let help = format!(
                "its columns are {}; note and owner are free",
                names.join(", ")
            );
            findings.push(place.error(column, rule, &help));
        }
        if let Some((found, _)) = found
            && known.iter().flatten().any(|(other, _)| *other == found)
        {
            let help = "keep one of the columns";
            findings.push(place.error(column, "another column has the same name", help));
            known.push(None);
            continue;
        }
        known.push(found);
    }
    let mut complete = true;
    for key in [Column::PartitionKey, Column::RowKey] {
        if !table.is_empty() && !known.iter().flatten().any(|(column, _)| *column == key) {
            let help = "add the column; it comes first";
            findings.push(place.error(key.as_str(), "the key column is missing", help));
            complete = false;
        }
    }
    complete.then_some(known)
}

/// How the documentation spells a column of the table, whatever the case and `_` of `name`.
///
/// `note` and `owner` are columns of every table. None for a column that has no meaning there.
#[must_use]
pub fn column_name(table: TableName, name: &str) -> Option<&'static str> {
    let known = find_column(table, name).map(|(column, _)| column.as_str());
    known.or_else(|| {
        let mut free = FREE.into_iter();
        free.find(|free| plain(name).eq(plain(free)))
    })
}

pub(super) fn find_column(table: TableName, name: &str) -> Option<(Column, Kind)> {
    let same = |column: Column| plain(name).eq(plain(column.as_str()));
    let (partition, row) = table.keys();
    let keys = [(Column::PartitionKey, partition), (Column::RowKey, row)];
    let columns = keys.into_iter().chain(table.columns().iter().copied());
    columns.into_iter().find(|(column, _)| same(*column))
}

/// Names compare without case and `_`.
pub(super) fn plain(name: &str) -> impl Iterator<Item = char> {
    name.chars()
        .filter(|c| *c != '_')
        .map(|c| c.to_ascii_lowercase())
}

/// Columns that tools add, and those that people may use freely.
fn is_ignored(name: &str) -> bool {
    const OF_TOOLS: [&str; 3] = ["timestamp", "etag", "odata.etag"];
    let mut ignored = OF_TOOLS.into_iter().chain(FREE);
    name.contains('@') || ignored.any(|ignored| plain(name).eq(plain(ignored)))
}
