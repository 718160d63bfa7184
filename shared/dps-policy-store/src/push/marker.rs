//! The row that says that a push is under way.

use dps_allocation::RevisionPrefix;
use jiff::Timestamp;

use super::error::{PushError, PushFailure};
use super::request::Push;
use super::state::State;
use crate::azure::{AzureTables, Change, ETag, Row, WriteError};
use crate::pushed_by::PushedBy;
use crate::report_key::ReportKey;
use crate::revisions::{Report, Revisions};
use crate::unfinished::marker_key;

/// The marker of this push.
pub(super) struct Marker {
    version: ETag,
    by: PushedBy,
    reason: String,
    report: Option<ReportKey>,
}

/// Deletes the rows that are not the marker of a push, unless somebody has changed them in the
/// meantime.
pub(super) async fn remove_strays(store: &AzureTables, state: &State) -> Result<(), PushError> {
    for stray in &state.pushes.strays {
        let delete = Change::Delete(stray.key.clone(), stray.etag.clone());
        match Revisions::of(store).write(delete).await {
            // A push has replaced the row that stood in its place, and has removed its own.
            Ok(_) | Err(WriteError::Conflict { .. }) => {}
            Err(error) => return Err(PushError::Strays(error)),
        }
    }
    Ok(())
}

impl Marker {
    /// Says that a push is under way, unless another one is.
    pub(super) async fn set(
        store: &AzureTables,
        state: &State,
        push: &Push<'_>,
    ) -> Result<Self, PushError> {
        let nothing = |error: PushFailure| PushError::Nothing(error);
        let revisions = Revisions::of(store);
        let before = match state.unfinished() {
            None => state.revision().map(RevisionPrefix::from),
            Some(unfinished) => unfinished.before.clone(),
        };
        let before = before.map_or(String::new(), |before| before.to_string());
        let (reason, report) = reason_and_report(state, push);
        let cells = [
            ("before", before),
            ("revision", push.revision.to_string()),
            ("reason", reason.clone()),
            // Tells this marker from one of another push that says the same.
            ("attempt", attempt()),
        ];
        let mut cells = cells.map(|(name, text)| (name.to_owned(), text)).to_vec();
        let by = PushedBy {
            identity: store.principal().await,
            author: push.author.to_owned(),
        };
        cells.extend(by.cells());
        cells.extend(report.as_ref().map(ReportKey::cell));
        let row = Row::new(marker_key(), cells);
        let row = row.map_err(|error| nothing(PushFailure::Note(error)))?;
        let mut strays = state.pushes.strays.iter();
        let change = match state.unfinished() {
            None => match strays.find(|stray| stray.key == marker_key()) {
                None => Change::Insert(row),
                Some(malformed) => Change::Replace(row, malformed.etag.clone()),
            },
            Some(unfinished) if push.resume => Change::Replace(row, unfinished.version.clone()),
            Some(unfinished) => return Err(PushError::Unfinished(unfinished.clone())),
        };
        if let Some(report) = push.report {
            // Before the marker, so that whoever goes on finds it.
            let revision = push.revision.into();
            let stored = revisions.store_report(&revision, report).await;
            stored.map_err(|error| nothing(error.into()))?;
        }
        let version = revisions.write(change).await.and_then(|version| {
            version.ok_or_else(|| WriteError::Unconfirmed {
                table: "Revisions".to_owned(),
                cause: "it names no version".to_owned(),
            })
        });
        match version {
            Ok(version) => Ok(Self {
                version,
                by,
                reason,
                report,
            }),
            // The marker may be there or not.
            Err(error @ WriteError::Unconfirmed { .. }) => Err(PushError::Begun(error)),
            Err(error @ WriteError::Conflict { .. }) => {
                let found = store.pushes().await;
                let found = found.map_err(|error| nothing(error.into()))?;
                Err(match found.unfinished {
                    Some(unfinished) => PushError::Unfinished(unfinished),
                    None => nothing(error.into()),
                })
            }
            Err(error) => Err(nothing(error.into())),
        }
    }

    /// Records who pushed, and removes the marker.
    pub(super) async fn finish(
        self,
        store: &AzureTables,
        push: &Push<'_>,
    ) -> Result<(), PushError> {
        let revisions = Revisions::of(store);
        let noted = revisions
            .note_push(push.revision, &self.by, &self.reason, self.report.as_ref())
            .await;
        let removed = self.remove(store).await;
        removed.map_err(|error| PushError::Open(error.into()))?;
        noted.map_err(|error| PushError::Unnoted(error.into()))
    }

    pub(super) async fn remove(self, store: &AzureTables) -> Result<(), WriteError> {
        let delete = Change::Delete(marker_key(), self.version);
        Revisions::of(store).write(delete).await.map(drop)
    }
}

/// Those of this push, else those of the interrupted push of the same revision.
fn reason_and_report(state: &State, push: &Push<'_>) -> (String, Option<ReportKey>) {
    let revision = push.revision.to_string();
    let before = state.unfinished().filter(|it| it.revision == revision);
    let reason = match before {
        Some(before) if push.reason.is_empty() => before.reason.clone(),
        _ => push.reason.to_owned(),
    };
    let report = push.report.map(Report::key);
    (reason, report.or_else(|| before?.report.clone()))
}

/// No two pushes have the same: it is the time, and which process of the machine this is.
fn attempt() -> String {
    format!("{:.9} {}", Timestamp::now(), std::process::id())
}
