//! The writes that a push makes.

use std::collections::BTreeSet;
use std::fmt::Display;

use dps_allocation::tables::{CellChange, ChangeKind, Column, Row as TextRow, RowChange};
use dps_allocation::tables::{Table, TableName, Tables, column_name, diff_table};

use super::state::State;
use crate::azure::device_key;
use crate::azure::{Batch, Change, Key, KeyPart, Row, StoredRow};

/// The writes that turn one version of the tables into another.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What changes, for people.
    pub changes: Vec<RowChange>,
    /// Writes to the tables of the policy, in order.
    pub(super) policy: Vec<(TableName, Batch)>,
    /// Writes to `devices`, in any order, but all before the deletions.
    pub(super) devices: Vec<Batch>,
    /// Deletions of `devices`: a device whose keys are spelled anew is never without a row.
    pub(super) deleted_devices: Vec<Batch>,
}

/// A row that Azure Tables cannot hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {rule}", table.as_str())]
pub struct PlanError {
    table: TableName,
    rule: String,
}

impl PlanError {
    /// The error of a table, from the rule that one of its rows breaks.
    fn of<E: Display>(table: TableName) -> impl Fn(E) -> Self {
        move |rule| Self {
            table,
            rule: rule.to_string(),
        }
    }
}

impl Plan {
    /// Compares table by table; `devices` only where the state has it.
    ///
    /// # Errors
    /// Every row that cannot be stored.
    pub fn between(state: &State, wanted: &Tables) -> Result<Self, Vec<PlanError>> {
        let (mut plan, mut errors) = (Self::default(), Vec::new());
        for name in TableName::all() {
            if name == TableName::Devices && !state.has_devices() {
                continue;
            }
            let (before, after) = (state.tables().table(name), wanted.table(name));
            let changes = diff_table(name, before, after);
            let texts: Vec<TextRow<'_>> = after.rows().collect();
            let mut all = Vec::new();
            for change in &changes {
                match writes(state, after, &texts, change) {
                    Ok(writes) => all.extend(writes),
                    Err(error) => errors.push(error),
                }
            }
            plan.changes.extend(changes);
            if name.is_in_revision() {
                let batches = Batch::split(all).into_iter();
                plan.policy.extend(batches.map(|batch| (name, batch)));
            } else {
                let respelled: Vec<_> = respelled(state, &plan.changes).collect();
                for row in respelled {
                    match row {
                        Ok((change, writes)) => {
                            plan.changes.push(change);
                            all.extend(writes);
                        }
                        Err(error) => errors.push(error),
                    }
                }
                let is_deletion = |change: &Change| matches!(change, Change::Delete(..));
                let (deletions, writes) = all.into_iter().partition(is_deletion);
                plan.devices = Batch::split(writes);
                plan.deleted_devices = Batch::split(deletions);
            }
        }
        if errors.is_empty() {
            Ok(plan)
        } else {
            Err(errors)
        }
    }

    /// How many rows are written and deleted.
    pub(super) fn writes(&self) -> usize {
        let policy = self.policy.iter().map(|(_, batch)| batch);
        let all = policy.chain(&self.devices).chain(&self.deleted_devices);
        all.map(|batch| batch.changes().len()).sum()
    }
}

/// Device rows that say what they should, under keys by which lookups do not find them.
fn respelled(
    state: &State,
    changes: &[RowChange],
) -> impl Iterator<Item = Result<(RowChange, [Change; 2]), PlanError>> {
    let table = TableName::Devices;
    let changes = changes.iter().filter(|change| change.table == table);
    let edited: BTreeSet<usize> = changes.filter_map(|change| change.before).collect();
    let rows = state.rows(table).iter().enumerate();
    let unchanged = rows.filter(move |(number, _)| !edited.contains(number));
    unchanged.filter_map(move |(number, stored)| {
        let key = device_key::canonical(&stored.key).filter(|key| *key != stored.key)?;
        let cell = |column: Column, before: &KeyPart, after: &KeyPart| {
            (before != after).then(|| CellChange {
                column: column.as_str().to_owned(),
                before: Some(before.as_str().to_owned()),
                after: Some(after.as_str().to_owned()),
            })
        };
        let cells = [
            cell(Column::PartitionKey, &stored.key.partition, &key.partition),
            cell(Column::RowKey, &stored.key.row, &key.row),
        ];
        let change = RowChange {
            table,
            partition: key.partition.as_str().to_owned(),
            row: key.row.as_str().to_owned(),
            change: ChangeKind::Changed,
            cells: cells.into_iter().flatten().collect(),
            before: Some(number),
            after: None,
        };
        let row = Row::new(key, stored.cells.clone());
        let row = row.map_err(PlanError::of(table));
        let delete = Change::Delete(stored.key.clone(), stored.etag.clone());
        Some(row.map(|row| (change, [Change::Insert(row), delete])))
    })
}

/// The writes for a change.
fn writes(
    state: &State,
    table: &Table,
    texts: &[TextRow<'_>],
    change: &RowChange,
) -> Result<Vec<Change>, PlanError> {
    let name = change.table;
    let stored = change
        .before
        .and_then(|number| state.rows(name).get(number));
    let text = change.after.and_then(|number| texts.get(number));
    let row = |key: Key, text: &TextRow<'_>| {
        Row::new(key, cells(name, table, text)).map_err(PlanError::of(name))
    };
    let delete = |stored: &StoredRow| Change::Delete(stored.key.clone(), stored.etag.clone());
    Ok(match (stored, text) {
        (Some(stored), Some(text)) => {
            // Under the keys that are there, however they are spelled; a lookup of a device finds
            // only one spelling.
            let key = if name.is_in_revision() {
                stored.key.clone()
            } else {
                new_key(change, table, text)?
            };
            let row = row(key, text)?;
            if *row.key() == stored.key {
                vec![Change::Replace(row, stored.etag.clone())]
            } else {
                vec![Change::Insert(row), delete(stored)]
            }
        }
        (None, Some(text)) => vec![Change::Insert(row(new_key(change, table, text)?, text)?)],
        (Some(stored), None) => vec![delete(stored)],
        (None, None) => Vec::new(),
    })
}

/// The keys as written; those of `devices` in canonical form, by which they are looked up.
fn new_key(change: &RowChange, table: &Table, text: &TextRow<'_>) -> Result<Key, PlanError> {
    let part = |text: &str| KeyPart::parse(text).map_err(PlanError::of(change.table));
    let written = |column: Column| {
        let cells = named(change.table, table, text);
        let keys = cells.filter(|(name, _)| *name == column.as_str());
        keys.last().map_or("", |(_, text)| text)
    };
    let (partition, row) = if change.table == TableName::Devices {
        (&*change.partition, &*change.row)
    } else {
        (written(Column::PartitionKey), written(Column::RowKey))
    };
    Ok(Key {
        partition: part(partition)?,
        row: part(row)?,
    })
}

/// The cells besides the keys.
fn cells(name: TableName, table: &Table, row: &TextRow<'_>) -> Vec<(String, String)> {
    let cells = named(name, table, row);
    let cells = cells.filter(|(name, _)| !matches!(*name, "PartitionKey" | "RowKey"));
    cells
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

/// The cells under the names of the documentation; without what tools add.
fn named<'t>(
    name: TableName,
    table: &Table,
    row: &TextRow<'t>,
) -> impl Iterator<Item = (&'static str, &'t str)> {
    let names: Vec<_> = table.columns().map(|it| column_name(name, it)).collect();
    let cells: Vec<_> = row.cells().collect();
    cells
        .into_iter()
        .filter_map(move |(column, text)| Some(((*names.get(column)?)?, text)))
}
