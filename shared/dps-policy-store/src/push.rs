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

use dps_allocation::Revision;
use dps_allocation::tables::Tables;

use crate::azure::{AzureTables, Key, ReadError, RowError, StoreTable, WriteError};
use crate::revisions::{RevisionError, Revisions};

use marker::Marker;
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
    /// A name that colleagues know.
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
    /// Somebody has edited a table since it was read.
    #[error("somebody has edited the tables meanwhile{}; nothing was changed: look at the difference again", named(.0.as_ref()))]
    Conflict(Option<Key>),
    /// Nothing was written, or all of it was undone.
    #[error("{0}; nothing was changed")]
    Nothing(PushFailure),
    /// What was written could not be undone.
    #[error(
        "{0}; some rows may be written, and no webhook takes them for a policy: add --resume to go on, or roll back with --resume"
    )]
    Half(PushFailure),
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

fn named(key: Option<&Key>) -> String {
    key.map_or_else(String::new, |key| format!(" (row `{key}`)"))
}

/// Makes the changes of a plan, which leads from `state` to the tables of the push.
///
/// `progress` is told how many of how many changes are made.
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
    keep_revisions(store, state, push).await?;
    let marker = Marker::set(store, state, push).await?;
    let mut undo = Undo::new(state);
    match write(store, state, plan, &mut undo, &mut progress).await {
        Ok(()) => marker.finish(store, push).await?,
        Err(failure) => return Err(give_up(store, push, marker, undo, failure).await),
    }
    devices::write(store, plan, &mut progress).await
}

/// Both revisions can be gone back to, whatever happens.
async fn keep_revisions(
    store: &AzureTables,
    state: &State,
    push: &Push<'_>,
) -> Result<(), PushError> {
    let revisions = Revisions::of(store);
    let wanted = revisions.keep(push.revision, push.tables).await;
    wanted.map_err(|error| PushError::Nothing(error.into()))?;
    if let Some(before) = state.revision() {
        let before = revisions.keep(before, state.tables()).await;
        before.map_err(|error| PushError::Nothing(error.into()))?;
    }
    Ok(())
}

/// Why the writes of a push ended early.
enum Failure {
    /// Rows came or went between reading and writing.
    Edited,
    Failed(PushFailure),
}

async fn write(
    store: &AzureTables,
    state: &State,
    plan: &Plan,
    undo: &mut Undo<'_>,
    progress: &mut impl FnMut(usize, usize),
) -> Result<(), Failure> {
    // From here on no other push writes; an edit by hand is met by the versions of the rows.
    let now = State::read(store, false).await;
    let now = now.map_err(|error| Failure::Failed(error.into()))?;
    if !state.has_same_rows(&now) {
        return Err(Failure::Edited);
    }
    let mut written = 0;
    for (table, batch) in &plan.policy {
        let etags = store.write(StoreTable::Config(*table), batch).await;
        let etags = etags.map_err(|error| Failure::Failed(error.into()))?;
        undo.add(*table, batch, etags);
        written += batch.changes().len();
        progress(written, plan.changes.len());
    }
    Ok(())
}

async fn give_up(
    store: &AzureTables,
    push: &Push<'_>,
    marker: Marker,
    undo: Undo<'_>,
    failure: Failure,
) -> PushError {
    let unconfirmed = matches!(
        failure,
        Failure::Failed(PushFailure::Write(WriteError::Unconfirmed { .. }))
    );
    // Of a push that was interrupted earlier only a part can be undone.
    let undone = !unconfirmed && !push.resume && undo.run(store).await.is_ok();
    if undone && marker.remove(store).await.is_ok() {
        return match failure {
            Failure::Edited => PushError::Conflict(None),
            Failure::Failed(PushFailure::Write(WriteError::Conflict { key, .. })) => {
                PushError::Conflict(Some(key))
            }
            Failure::Failed(failure) => PushError::Nothing(failure),
        };
    }
    match failure {
        Failure::Edited => PushError::Conflict(None),
        Failure::Failed(failure) => PushError::Half(failure),
    }
}
