//! What differs between two versions of a table, row by row.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use super::cell::canonical;
use super::columns::{find_column, plain};
use super::table::{Row, Table, Tables};
use crate::schema::{Column, Kind, TableName};
use crate::words::words;

/// One row that two versions of a table do not share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowChange {
    /// The table.
    pub table: TableName,
    /// The canonical `PartitionKey`, or as written where it is not valid.
    pub partition: String,
    /// The canonical `RowKey`, or as written where it is not valid.
    pub row: String,
    /// What happened to the row.
    pub change: ChangeKind,
    /// Every column that differs; a new or removed row has all of its own here.
    pub cells: Vec<CellChange>,
    /// The number of the row in the first version, from 0.
    #[serde(skip)]
    pub before: Option<usize>,
    /// The number of the row in the second version, from 0.
    #[serde(skip)]
    pub after: Option<usize>,
}

/// What happened to a row between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, Serialize, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ChangeKind {
    /// Only the second version has it.
    Added,
    /// Only the first version has it.
    Removed,
    /// Both have it, with other cells.
    Changed,
}

words!(ChangeKind);

/// One column of a row; none means that the cell is empty or the row not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CellChange {
    /// The column, spelled as the documentation does.
    pub column: String,
    /// Canonical text of the first version.
    pub before: Option<String>,
    /// Canonical text of the second version.
    pub after: Option<String>,
}

/// The differences of all tables, in the order of the documentation, then of the keys.
///
/// Spelling does not count (`EU` and `eu`, `a, b` and `a;b`, the order of columns); `note` and
/// `owner` do, since people want to keep them. Neither version has to be a valid policy.
#[must_use]
pub fn diff(before: &Tables, after: &Tables) -> Vec<RowChange> {
    let tables = TableName::all();
    tables
        .flat_map(|name| diff_table(name, before.table(name), after.table(name)))
        .collect()
}

/// The differences of one table, in the order of the keys; see [`diff`].
#[must_use]
pub fn diff_table(name: TableName, before: &Table, after: &Table) -> Vec<RowChange> {
    let (before, after) = (contents(name, before), contents(name, after));
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    let mut changes = Vec::new();
    loop {
        let order = match (before.peek(), after.peek()) {
            (Some(first), Some(second)) => first.keys().cmp(&second.keys()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return changes,
        };
        let first = before.next_if(|_| order.is_le());
        let second = after.next_if(|_| order.is_ge());
        changes.extend(change(name, first, second));
    }
}

/// The content of a row: known columns in canonical spelling, the others as written.
struct Content {
    number: usize,
    partition: String,
    row: String,
    cells: BTreeMap<String, String>,
}

impl Content {
    fn keys(&self) -> (&str, &str) {
        (&self.partition, &self.row)
    }
}

/// The contents in key order; rows with the same keys stay in the order of the table.
fn contents(name: TableName, table: &Table) -> Vec<Content> {
    let mut columns: Vec<Option<ColumnContent>> = Vec::new();
    for column in table.columns() {
        let content = ColumnContent::of(name, column);
        // A second spelling of a column is a finding, and is compared on its own.
        let twice = content.is_some() && columns.contains(&content);
        columns.push(if twice {
            Some(ColumnContent::Free(column.to_owned()))
        } else {
            content
        });
    }
    let mut contents: Vec<Content> = table
        .rows()
        .enumerate()
        .map(|(number, row)| content(number, &columns, row))
        .collect();
    contents.sort_by(|a, b| a.keys().cmp(&b.keys()));
    contents
}

/// How a column counts in a comparison.
#[derive(PartialEq)]
enum ColumnContent {
    Known(Column, Kind),
    /// `note`, `owner`, and unknown columns.
    Free(String),
}

impl ColumnContent {
    /// None for what tools add (`Timestamp`, `etag`, `name@type`).
    fn of(table: TableName, name: &str) -> Option<Self> {
        if let Some((column, kind)) = find_column(table, name) {
            return Some(Self::Known(column, kind));
        }
        let plain: String = plain(name).collect();
        let by_tools = matches!(&*plain, "timestamp" | "etag" | "odata.etag") || name.contains('@');
        (!by_tools).then_some(Self::Free(plain))
    }
}

fn content(number: usize, columns: &[Option<ColumnContent>], row: Row<'_>) -> Content {
    let mut content = Content {
        number,
        partition: String::new(),
        row: String::new(),
        cells: BTreeMap::new(),
    };
    // An invalid cell counts as written.
    let spelled = |kind, text: &str| canonical(kind, text).unwrap_or_else(|_| text.to_owned());
    for (column, text) in row.cells() {
        match columns.get(column) {
            Some(Some(ColumnContent::Known(Column::PartitionKey, kind))) => {
                content.partition = spelled(*kind, text);
            }
            Some(Some(ColumnContent::Known(Column::RowKey, kind))) => {
                content.row = spelled(*kind, text);
            }
            Some(Some(ColumnContent::Known(column, kind))) => {
                let text = spelled(*kind, text);
                content
                    .cells
                    .entry(column.as_str().to_owned())
                    .or_insert(text);
            }
            Some(Some(ColumnContent::Free(name))) => {
                let cell = content.cells.entry(name.clone());
                cell.or_insert_with(|| text.to_owned());
            }
            Some(None) | None => {}
        }
    }
    content
}

/// None if both are equal.
fn change(
    table: TableName,
    before: Option<&Content>,
    after: Option<&Content>,
) -> Option<RowChange> {
    let (kind, named) = match (before, after) {
        (Some(_), Some(after)) => (ChangeKind::Changed, after),
        (None, Some(after)) => (ChangeKind::Added, after),
        (Some(before), None) => (ChangeKind::Removed, before),
        (None, None) => return None,
    };
    let cells = cell_changes(before, after);
    if kind == ChangeKind::Changed && cells.is_empty() {
        return None;
    }
    Some(RowChange {
        table,
        partition: named.partition.clone(),
        row: named.row.clone(),
        change: kind,
        cells,
        before: before.map(|row| row.number),
        after: after.map(|row| row.number),
    })
}

fn cell_changes(before: Option<&Content>, after: Option<&Content>) -> Vec<CellChange> {
    let of = |content: Option<&Content>, column: &str| {
        content.and_then(|content| content.cells.get(column).cloned())
    };
    let both = [before, after].into_iter().flatten();
    let columns: BTreeSet<&String> = both.flat_map(|content| content.cells.keys()).collect();
    columns
        .into_iter()
        .map(|column| CellChange {
            column: column.clone(),
            before: of(before, column),
            after: of(after, column),
        })
        .filter(|cell| cell.before != cell.after)
        .collect()
}
