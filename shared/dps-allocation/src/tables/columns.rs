//! Which columns a table has, in any spelling.

use super::table::{Row, Table};
use crate::finding::{Finding, Place};
use crate::nearest::did_you_mean;
use crate::schema::{Column, Kind, TableName};

/// Columns for people, without a meaning.
const FREE: [&str; 2] = ["note", "owner"];

/// What a column of a table means.
#[derive(Clone, Copy, Debug)]
pub(super) enum ColumnUse {
    Known(Column, Kind),
    /// For people and tools.
    Ignored,
    /// A finding reports it.
    Unknown,
}

/// What each column of the table means.
///
/// None if a key column is missing: rows cannot be distinguished without it.
pub(super) fn known_columns(
    name: TableName,
    table: &Table,
    findings: &mut Vec<Finding>,
) -> Option<Vec<ColumnUse>> {
    let mut known: Vec<ColumnUse> = Vec::new();
    let is_known = |known: &[ColumnUse], wanted: Column| {
        let mut known = known.iter();
        known.any(|column| matches!(column, ColumnUse::Known(column, _) if *column == wanted))
    };
    for (number, column) in table.columns().enumerate() {
        let used = match find_column(name, column) {
            Some((found, _)) if is_known(&known, found) => {
                let rule = "another column has the same name".to_owned();
                findings.push(of_column(
                    name,
                    table,
                    number,
                    rule,
                    "keep one of the columns",
                ));
                ColumnUse::Unknown
            }
            Some((found, kind)) => ColumnUse::Known(found, kind),
            None if is_ignored(column) => ColumnUse::Ignored,
            None => {
                let rule = format!("the {} table has no column `{column}`", name.as_str());
                findings.push(of_column(
                    name,
                    table,
                    number,
                    rule,
                    &columns_help(name, column),
                ));
                ColumnUse::Unknown
            }
        };
        known.push(used);
    }
    let mut complete = true;
    for key in [Column::PartitionKey, Column::RowKey] {
        if !table.is_empty() && !is_known(&known, key) {
            let help = "add the column; it comes first";
            let place = Place::table(name).column(key);
            findings.push(place.error("the key column is missing", help));
            complete = false;
        }
    }
    complete.then_some(known)
}

fn columns_help(name: TableName, written: &str) -> String {
    let names: Vec<&str> = name.columns().iter().map(|(c, _)| c.as_str()).collect();
    let keys = [Column::PartitionKey, Column::RowKey].map(Column::as_str);
    let all = names.iter().copied().chain(keys).chain(FREE);
    let meant = did_you_mean(written, all);
    format!(
        "{meant}its columns are {}; note and owner are free",
        names.join(", ")
    )
}

/// A finding about a column. A file has the column in its header; elsewhere each row has its own
/// columns, so that the finding names the first row with the column.
fn of_column(name: TableName, table: &Table, number: usize, rule: String, help: &str) -> Finding {
    let column = table.columns().nth(number).unwrap_or_default();
    let has = |row: &Row<'_>| row.line().is_none() && row.cells().any(|(cell, _)| cell == number);
    let mut rows = table.rows().filter(has);
    let Some(first) = rows.next() else {
        return Place::table(name).column(column).error(rule, help);
    };
    let key = |wanted: Column| {
        let is_key = |column: &str| plain(column).eq(plain(wanted.as_str()));
        let number = table.columns().position(is_key);
        let mut cells = first.cells();
        let text = cells.find_map(|(cell, text)| (Some(cell) == number).then_some(text));
        text.unwrap_or_default()
    };
    let (partition, row) = (key(Column::PartitionKey), key(Column::RowKey));
    let rule = match rows.count() {
        0 => rule,
        1 => format!("{rule}; one further row has it too"),
        further => format!("{rule}; {further} further rows have it too"),
    };
    let place = Place::row(name, partition, row, None);
    place.column(column).error(rule, help)
}

/// How the documentation spells a column of the table; case and `_` in `name` do not count.
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

/// Whether a column is never a rule: those that tools add, and those for people.
#[must_use]
pub fn is_ignored(name: &str) -> bool {
    const OF_TOOLS: [&str; 3] = ["timestamp", "etag", "odata.etag"];
    let mut ignored = OF_TOOLS.into_iter().chain(FREE);
    name.contains('@') || ignored.any(|ignored| plain(name).eq(plain(ignored)))
}
