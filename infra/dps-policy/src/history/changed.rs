//! What a revision changed in the one before, in one line.

use std::collections::BTreeMap;

use dps_allocation::RevisionPrefix;
use dps_allocation::tables::{CellChange, ChangeKind, RowChange, TableName, Tables, diff};
use dps_policy_store::Revisions;
use dps_policy_store::azure::AzureTables;

use super::timeline::Event;
use crate::screen::short;

/// Most rows that are named one by one.
const MAX_NAMED: usize = 3;

/// Most characters of a cell that are shown.
const MAX_CELL: usize = 40;

/// What each of the first events changed; `None` if a revision cannot be read.
pub(super) async fn changes(
    store: &AzureTables,
    events: &[Event<'_>],
    limit: usize,
) -> Vec<Option<String>> {
    let mut reads = BTreeMap::new();
    for event in events.iter().take(limit.saturating_add(1)) {
        let (store, revision) = (store.clone(), event.revision.clone());
        reads.entry(event.revision).or_insert_with(|| {
            tokio::spawn(async move { Revisions::of(&store).find(&revision).await.ok() })
        });
    }
    let mut tables: BTreeMap<&RevisionPrefix, Tables> = BTreeMap::new();
    for (revision, read) in reads {
        if let Ok(Some(read)) = read.await {
            tables.insert(revision, read.tables);
        }
    }
    let empty = Tables::default();
    let changed = events.iter().enumerate().map(|(number, event)| {
        let after = tables.get(event.revision)?;
        let before = match events.get(number + 1) {
            Some(before) => tables.get(before.revision)?,
            None => &empty,
        };
        let mut changes = diff(before, after);
        changes.retain(|row| row.table.is_in_revision());
        Some(summary(&changes))
    });
    changed.take(limit).collect()
}

/// The rows if they are few, else how many rows of each table.
fn summary(changes: &[RowChange]) -> String {
    match changes {
        [] => "no difference".to_owned(),
        [row] if row.change == ChangeKind::Changed => {
            format!("{}: {}", name(row), cells(&row.cells))
        }
        few if few.len() <= MAX_NAMED => {
            let rows = few.iter();
            let rows = rows.map(|row| format!("{} {}", name(row), row.change.as_str()));
            rows.collect::<Vec<_>>().join(", ")
        }
        many => {
            let mut kinds = Vec::new();
            for kind in ChangeKind::all() {
                let counts = TableName::all().filter_map(|table| {
                    let is = |row: &&RowChange| (row.table, row.change) == (table, kind);
                    let count = many.iter().filter(is).count();
                    (count > 0).then(|| format!("{} {count}", table.as_str()))
                });
                let counts: Vec<String> = counts.collect();
                if !counts.is_empty() {
                    kinds.push(format!("{} {}", kind.as_str(), counts.join(", ")));
                }
            }
            format!("{} rows: {}", many.len(), kinds.join("; "))
        }
    }
}

fn name(row: &RowChange) -> String {
    let table = row.table.as_str();
    let key = short(&row.row);
    match row.table {
        TableName::Hubs | TableName::Enrollments | TableName::Tenants => format!("{table} {key}"),
        _ => format!("{table} {}/{key}", row.partition),
    }
}

fn cells(cells: &[CellChange]) -> String {
    let text = |text: &Option<String>| match text.as_deref() {
        None => "(empty)".to_owned(),
        Some(text) if text.chars().count() <= MAX_CELL => text.to_owned(),
        Some(text) => format!("{}..", text.chars().take(MAX_CELL).collect::<String>()),
    };
    let cells = cells.iter();
    let cells =
        cells.map(|it| format!("{} {} -> {}", it.column, text(&it.before), text(&it.after)));
    cells.collect::<Vec<_>>().join(", ")
}
