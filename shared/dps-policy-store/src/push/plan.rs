//! From the tables as they are to the tables as they should be.

use dps_allocation::tables::{Row as TextRow, RowChange, Table, TableName, Tables};
use dps_allocation::tables::{column_name, diff_table};

use super::state::State;
use crate::azure::{Batch, Change, Key, KeyPart, Row, RowError, StoredRow, WrongKey};

/// The writes that make one version of the tables of another.
#[derive(Clone, Debug)]
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
pub enum PlanError {
    /// Its key is none.
    #[error("{}: {source}", table.as_str())]
    Key {
        /// The table.
        table: TableName,
        /// The rule that is broken.
        source: WrongKey,
    },
    /// Its cells are too many or too long.
    #[error("{}: {source}", table.as_str())]
    Row {
        /// The table.
        table: TableName,
        /// The rule that is broken.
        source: RowError,
    },
}

impl Plan {
    /// Compares table by table; `devices` only where the state has it.
    ///
    /// # Errors
    /// Every row that cannot be stored.
    pub fn between(state: &State, wanted: &Tables) -> Result<Self, Vec<PlanError>> {
        let (mut plan, mut errors) = (Self::nothing(), Vec::new());
        for name in TableName::ALL {
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
            if name.is_in_revision() {
                let batches = Batch::split(all).into_iter();
                plan.policy.extend(batches.map(|batch| (name, batch)));
            } else {
                let is_deletion = |change: &Change| matches!(change, Change::Delete(..));
                let (deletions, writes) = all.into_iter().partition(is_deletion);
                plan.devices = Batch::split(writes);
                plan.deleted_devices = Batch::split(deletions);
            }
            plan.changes.extend(changes);
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

    fn nothing() -> Self {
        Self {
            changes: Vec::new(),
            policy: Vec::new(),
            devices: Vec::new(),
            deleted_devices: Vec::new(),
        }
    }
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
        let row = Row::new(key, cells(name, table, text));
        row.map_err(|source| PlanError::Row {
            table: name,
            source,
        })
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
    let part = |text: &str| {
        let part = KeyPart::parse(text);
        part.map_err(|source| PlanError::Key {
            table: change.table,
            source,
        })
    };
    if change.table == TableName::Devices {
        return Ok(Key {
            partition: part(&change.partition)?,
            row: part(&change.row)?,
        });
    }
    let (mut partition, mut row) = ("", "");
    for (name, text) in named(change.table, table, text) {
        match name {
            "PartitionKey" => partition = text,
            "RowKey" => row = text,
            _ => {}
        }
    }
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
