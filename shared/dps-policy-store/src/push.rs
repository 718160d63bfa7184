//! Putting a version of the tables into Azure Tables: whole, or not at all.
//!
//! Azure changes at most 100 rows of one partition at once, so a push takes several writes. While
//! it runs, a row in the `Revisions` table says so: nobody takes the tables for a policy then, and
//! no second push starts. Every write names the version of the row that it replaces; where
//! somebody else was faster, what this push has written is undone.

mod devices;
mod marker;
mod plan;
mod state;
mod undo;
mod written;

use dps_allocation::Revision;
use dps_allocation::tables::{TableName, Tables};

use crate::azure::{AzureTables, Key, ReadError, RowError, StoreTable, WriteError};
use crate::revisions::{RevisionError, Revisions};

use marker::Marker;
pub(crate) use marker::Pushes;
pub use marker::Unfinished;
pub use plan::{Plan, PlanError};
pub use state::State;
use undo::Undo;

/// What is put into the tables, by whom, and why.
#[derive(Clone, Copy, Debug)]
pub struct Push<'a> {
    /// The revision of `tables`.
    pub revision: Revision,
    /// A policy without errors.
    pub tables: &'a Tables,
    /// What the history shows as a claim, beside the identity of the token.
    pub author: &'a str,
    /// Why the tables change.
    pub reason: &'a str,
    /// Go on where another push has not finished.
    pub resume: bool,
}

/// A push that did not do everything.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// Another push is under way, or was interrupted.
    #[error("{0}; nothing was changed. if it is not running any more, add --resume")]
    Unfinished(Unfinished),
    /// Somebody has edited a table since it was read; nothing was written, or all of it was undone.
    #[error("{0}; nothing was changed: look at the difference again")]
    Conflict(Edited),
    /// Nothing was written, or all of it was undone.
    #[error("{0}; nothing was changed")]
    Nothing(PushFailure),
    /// The marker may be there or not; no other row was written.
    #[error(
        "{0}; no row of the policy was changed. if the next push finds this one unfinished, add --resume"
    )]
    Begun(WriteError),
    /// What was written could not be undone.
    #[error(
        "{0}; some rows may be written, and no webhook takes them for a policy: add --resume to go on, or roll back with --resume"
    )]
    Half(PushFailure),
    /// All rows are written; the row that says that a push is under way could not be removed.
    #[error(
        "{0}; all rows are written, but no webhook takes them yet, because the push is not ended: run it again with --resume"
    )]
    Open(PushFailure),
    /// The push is done; history does not tell it.
    #[error("{0}; the push itself is done, only history does not tell who pushed and why")]
    Unnoted(PushFailure),
    /// The policy is in place; rows that are not the marker of a push still stand where it does.
    #[error("{0}; the policy is pushed, only rows that mark no push could not be deleted")]
    Strays(WriteError),
    /// The policy is in place; some rows of `devices` are not.
    #[error(
        "{source}; the policy is pushed, and {written} of {all} changes of devices: push again for the others"
    )]
    Devices {
        /// Changes that were made.
        written: usize,
        /// Changes that were to be made.
        all: usize,
        /// What went wrong.
        source: WriteError,
    },
}

/// What went wrong in a push.
#[derive(Debug, thiserror::Error)]
pub enum PushFailure {
    /// A row is not the one that was read, or that this push has written.
    #[error(transparent)]
    Edited(#[from] Edited),
    /// The tables cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The tables cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The revision cannot be kept.
    #[error(transparent)]
    Revision(#[from] RevisionError),
    /// Author or reason cannot be stored.
    #[error("author and reason: {0}")]
    Note(#[from] RowError),
}

/// A row that somebody else has written, added or deleted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("somebody has edited the row `{key}` of {} meanwhile", table.as_str())]
pub struct Edited {
    /// Its table.
    pub table: TableName,
    /// Its keys, as they are stored.
    pub key: Key,
}

/// Makes the changes of a plan, which leads from `state` to the tables of the push.
///
/// `progress` is told how many of how many rows are written or deleted.
///
/// # Errors
/// [`PushError`] says whether anything was changed.
pub async fn push(
    store: &AzureTables,
    state: &State,
    plan: &Plan,
    push: &Push<'_>,
    mut progress: impl FnMut(usize, usize),
) -> Result<(), PushError> {
    if plan.policy.is_empty()
        && state.unfinished().is_none()
        && state.revision() == Some(push.revision)
    {
        if push.resume {
            marker::remove_strays(store, state).await?;
        }
        // Devices are in no revision: the policy is neither kept nor pushed again.
        return devices::write(store, plan, &mut progress).await;
    }
    let marker = Marker::set(store, state, push).await?;
    let mut undo = Undo::new(state);
    if let Err(failure) = write(store, state, plan, push, &mut undo, &mut progress).await {
        // Of a push that was interrupted earlier only a part could be undone.
        let undo = state.unfinished().is_none().then_some(undo);
        return Err(give_up(store, marker, undo, failure).await);
    }
    let noted = match marker.finish(store, push).await {
        Ok(()) => Ok(()),
        Err(unnoted @ PushError::Unnoted(_)) => Err(unnoted),
        Err(error) => return Err(error),
    };
    devices::write(store, plan, &mut progress).await?;
    if push.resume {
        marker::remove_strays(store, state).await?;
    }
    noted
}

async fn write(
    store: &AzureTables,
    state: &State,
    plan: &Plan,
    push: &Push<'_>,
    undo: &mut Undo<'_>,
    progress: &mut impl FnMut(usize, usize),
) -> Result<(), PushFailure> {
    keep_revisions(store, state, push).await?;
    // No other push writes now; edits by hand are met here and by the versions of the rows.
    undo.nothing_edited(store).await?;
    let mut done = 0;
    for (table, batch) in &plan.policy {
        let versions = written::write(store, StoreTable::Config(*table), batch).await;
        let versions = versions.map_err(|error| PushFailure::of(*table, error))?;
        undo.add(*table, batch, versions);
        done += batch.changes().len();
        progress(done, plan.writes());
    }
    // Edits of rows that no later write has named.
    undo.nothing_edited(store).await
}

/// Both revisions can be gone back to, whatever happens.
async fn keep_revisions(
    store: &AzureTables,
    state: &State,
    push: &Push<'_>,
) -> Result<(), RevisionError> {
    let revisions = Revisions::of(store);
    // What an interrupted push has left was in force nowhere.
    let before = state.revision().filter(|_| state.unfinished().is_none());
    if let Some(before) = before {
        revisions.keep_before(before, state.tables()).await?;
    }
    revisions.keep_attempt(push.revision, push.tables).await
}

async fn give_up(
    store: &AzureTables,
    marker: Marker,
    undo: Option<Undo<'_>>,
    failure: PushFailure,
) -> PushError {
    let undone = match undo {
        Some(undo) if !failure.leaves_open() => undo.run(store).await.is_ok(),
        _ => false,
    };
    if !undone || marker.remove(store).await.is_err() {
        return PushError::Half(failure);
    }
    match failure {
        PushFailure::Edited(edited) => PushError::Conflict(edited),
        failure => PushError::Nothing(failure),
    }
}

impl PushFailure {
    fn of(table: TableName, error: WriteError) -> Self {
        match error {
            WriteError::Conflict { key, .. } => Self::Edited(Edited { table, key }),
            error => Self::Write(error),
        }
    }

    /// Whether rows may have been written that nobody has noted.
    fn leaves_open(&self) -> bool {
        matches!(self, Self::Write(WriteError::Unconfirmed { .. }))
    }
}
