//! Writes a version of the tables into Azure Tables: completely, or not at all.
//!
//! Azure changes at most 100 rows of one partition at once, so a push takes several writes. While
//! it runs, a row in the `Revisions` table says so: no webhook installs the tables then, and
//! no second push starts. Every write names the version of the row that it replaces; where
//! somebody else was faster, what this push has written is undone.

mod devices;
mod error;
mod marker;
mod plan;
mod request;
mod state;
mod undo;

use crate::azure::{AzureTables, StoreTable};
use crate::revisions::{RevisionError, Revisions};

pub use crate::unfinished::Unfinished;
pub use error::{Edited, PushError, PushFailure};
use marker::Marker;
pub use plan::{Plan, PlanError};
pub use request::Push;
pub use state::State;
use undo::Undo;

/// Applies a plan, which leads from `state` to the tables of the push.
///
/// `progress` is called with how many rows are written or deleted so far, and with the total.
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
        // Devices are in no revision: the policy is neither stored nor pushed again.
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
        done @ (Ok(()) | Err(PushError::Unnoted(_))) => done,
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
    store_revisions(store, state, push).await?;
    // No other push writes now; edits by hand are found here and by the versions of the rows.
    undo.nothing_edited(store).await?;
    let mut done = 0;
    for (table, batch) in &plan.policy {
        let versions = store
            .write_confirmed(StoreTable::Config(*table), batch)
            .await;
        let versions = versions.map_err(|error| PushFailure::of(*table, error))?;
        undo.add(*table, batch, versions);
        done += batch.changes().len();
        progress(done, plan.writes());
    }
    // Edits of rows that no later write has named.
    undo.nothing_edited(store).await
}

/// Stores both revisions, so that either can be restored, whatever happens.
async fn store_revisions(
    store: &AzureTables,
    state: &State,
    push: &Push<'_>,
) -> Result<(), RevisionError> {
    let revisions = Revisions::of(store);
    // What an interrupted push has left was in use nowhere.
    let before = state.revision().filter(|_| state.unfinished().is_none());
    if let Some(before) = before {
        revisions.store_before(before, state.tables()).await?;
    }
    revisions.store_attempt(push.revision, push.tables).await
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
