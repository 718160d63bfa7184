//! From the tables as they are to the tables as they should be.

use dps_allocation::tables::{ChangeKind, Row as TextRow, RowChange, Table, TableName, Tables};
use dps_allocation::tables::{column_name, diff_table};

use super::state::State;
use crate::azure::{Batch, Change, Key, KeyPart, Row, RowError, WrongKey};

/// The writes that make one version of the tables of another.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What changes, for people.
    pub changes: Vec<RowChange>,
    /// Writes to the tables of the policy, in order.
    pub(super) policy: Vec<(TableName, Batch)>,
    /// Writes to `devices`, in any order.
    pub(super) devices: Vec<Batch>,
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
            let mut writes = Vec::new();
            for change in &changes {
                match write(state, after, &texts, change) {
                    Ok(write) => writes.extend(write),
                    Err(error) => errors.push(error),
                }
            }
            let batches = Batch::split(writes);
            if name.is_in_revision() {
                plan.policy
                    .extend(batches.into_iter().map(|batch| (name, batch)));
            } else {
                plan.devices = batches;
            }
            plan.changes.extend(changes);
        }
        if errors.is_empty() {
            Ok(plan)
        } else {
            Err(errors)
        }
    }

    fn nothing() -> Self {
        Self {
            changes: Vec::new(),
            policy: Vec::new(),
            devices: Vec::new(),
        }
    }
}

/// The write for a change; none where its row is neither here nor there.
fn write(
    state: &State,
    table: &Table,
    texts: &[TextRow<'_>],
    change: &RowChange,
) -> Result<Option<Change>, PlanError> {
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
    Ok(match (change.change, stored, text) {
        (ChangeKind::Added, None, Some(text)) => {
            Some(Change::Insert(row(new_key(change, table, text)?, text)?))
        }
        // Under the keys that are there, however they are spelled.
        (ChangeKind::Changed, Some(stored), Some(text)) => Some(Change::Replace(
            row(stored.key.clone(), text)?,
            stored.etag.clone(),
        )),
        (ChangeKind::Removed, Some(stored), None) => {
            Some(Change::Delete(stored.key.clone(), stored.etag.clone()))
        }
        _ => None,
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
    let names: Vec<&str> = table.columns().collect();
    let written = |wanted: &str| {
        let is = |column: usize| {
            let name = names
                .get(column)
                .and_then(|name| column_name(change.table, name));
            name == Some(wanted)
        };
        text.cells()
            .find_map(|(column, text)| is(column).then_some(text))
            .unwrap_or_default()
    };
    Ok(Key {
        partition: part(written("PartitionKey"))?,
        row: part(written("RowKey"))?,
    })
}

/// The cells besides the keys, under the names of the documentation; without what tools add.
fn cells(name: TableName, table: &Table, row: &TextRow<'_>) -> Vec<(String, String)> {
    let names: Vec<&str> = table.columns().collect();
    let cells = row.cells().filter_map(|(column, text)| {
        let written = *names.get(column)?;
        let known = column_name(name, written);
        if matches!(known, Some("PartitionKey" | "RowKey"))
            || known.is_none() && is_of_tools(written)
        {
            return None;
        }
        Some((known.unwrap_or(written).to_owned(), text.to_owned()))
    });
    cells.collect()
}

fn is_of_tools(name: &str) -> bool {
    ["timestamp", "etag"]
        .iter()
        .any(|it| name.eq_ignore_ascii_case(it))
        || name.contains(['@', '.'])
}
