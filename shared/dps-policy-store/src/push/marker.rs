//! The row that says that a push is under way.

use std::fmt;
use std::ops::RangeInclusive;

use dps_allocation::{Finding, RevisionPrefix, Severity};
use jiff::Timestamp;

use super::state::State;
use super::{Push, PushError, PushFailure, written};
use crate::azure::{
    AzureTables, Batch, Change, ETag, Key, ReadError, Row, StoreTable, StoredRow, WriteError,
};
use crate::pushed_by::PushedBy;
use crate::revisions::{Revisions, cell, key};

/// A push that has not finished: it is under way, or was interrupted.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// The revision that was to be pushed.
    pub revision: String,
    /// Who pushed.
    pub by: PushedBy,
    /// When it began, by the clock of the store.
    pub started: Option<Timestamp>,
    /// The revision that the tables were before it; none where they were no policy.
    pub before: Option<RevisionPrefix>,
    version: ETag,
}

/// The marker of this push.
pub(super) struct Marker {
    key: Key,
    version: ETag,
    by: PushedBy,
}

/// The partition that every look at the tables reads too.
const PARTITION: &str = "push";
const ROW: &str = "current";

/// What the partition of pushes holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pushes {
    pub(crate) unfinished: Option<Unfinished>,
    /// Rows that are not the marker of a push: nobody waits for them.
    pub(crate) strays: Vec<Stray>,
}

/// A row in the partition of pushes that no push has written.
#[derive(Clone, Debug)]
pub(crate) struct Stray {
    key: Key,
    version: ETag,
}

/// Digits of the shortest revision that any version has written, and of the longest that one may.
const DIGITS: RangeInclusive<usize> = 12..=128;

impl Pushes {
    pub(crate) async fn read(store: &AzureTables) -> Result<Self, ReadError> {
        Ok(Self::of(&store.pushes().await?))
    }

    /// Only one row is the marker of a push: that with its keys, which names a revision.
    ///
    /// Its other columns may be missing, or be those of a newer version: while rows may be half of
    /// one version and half of another, waiting is the safe side.
    pub(crate) fn of(rows: &[StoredRow]) -> Self {
        let mut pushes = Self::default();
        for row in rows {
            match Unfinished::of(row) {
                Some(unfinished) => pushes.unfinished = Some(unfinished),
                None => pushes.strays.push(Stray {
                    key: row.key.clone(),
                    version: row.etag.clone(),
                }),
            }
        }
        pushes
    }

    /// A warning for each row that is not the marker of a push.
    pub(crate) fn warnings(&self, table: &str) -> Vec<Finding> {
        let warning = |stray: &Stray| Finding {
            severity: Severity::Warning,
            ..Finding::outside_tables(
                format!(
                    "the row `{}` of the table `{table}` is not the marker of a push; it is ignored",
                    stray.key
                ),
                "delete it, or push or roll back with --resume, which deletes it",
            )
        };
        self.strays.iter().map(warning).collect()
    }
}

impl Unfinished {
    /// None where the row is not the marker of a push.
    fn of(row: &StoredRow) -> Option<Self> {
        let revision = cell(row, "revision");
        let is_revision = DIGITS.contains(&revision.len())
            && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        (row.key == key(PARTITION, ROW) && is_revision).then(|| Self {
            revision: revision.to_owned(),
            by: PushedBy::of(row),
            started: row.timestamp,
            before: cell(row, "before").parse().ok(),
            version: row.etag.clone(),
        })
    }
}

impl Stray {
    /// Deletes the row, unless somebody has changed or deleted it meanwhile.
    async fn remove(&self, store: &AzureTables) -> Result<(), WriteError> {
        let delete = Change::Delete(self.key.clone(), self.version.clone());
        match write(store, delete).await {
            Ok(_) | Err(WriteError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Deletes the rows that are not the marker of a push.
pub(super) async fn remove_strays(store: &AzureTables, state: &State) -> Result<(), PushError> {
    for stray in &state.pushes.strays {
        // A push has replaced the row that stood in its place, and has removed its own.
        let removed = stray.remove(store).await;
        removed.map_err(PushError::Strays)?;
    }
    Ok(())
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a push of revision `{:.12}` ({})",
            self.revision, self.by
        )?;
        if let Some(started) = self.started {
            write!(f, ", begun at {started:.0},")?;
        }
        f.write_str(" has not finished")
    }
}

impl Marker {
    /// Says that a push is under way, unless another one is.
    pub(super) async fn set(
        store: &AzureTables,
        state: &State,
        push: &Push<'_>,
    ) -> Result<Self, PushError> {
        let nothing = |error: PushFailure| PushError::Nothing(error);
        let key = key(PARTITION, ROW);
        let before = match state.unfinished() {
            None => state.revision().map(RevisionPrefix::from),
            Some(unfinished) => unfinished.before.clone(),
        };
        let before = before.map_or(String::new(), |before| before.to_string());
        let cells = [
            ("before", before),
            ("revision", push.revision.to_string()),
            ("reason", push.reason.to_owned()),
            // Tells this marker from one of another push that says the same.
            ("attempt", attempt()),
        ];
        let mut cells = cells.map(|(name, text)| (name.to_owned(), text)).to_vec();
        let by = PushedBy {
            identity: store.principal().await,
            author: push.author.to_owned(),
        };
        cells.extend(by.cells());
        let row = Row::new(key.clone(), cells);
        let row = row.map_err(|error| nothing(PushFailure::Note(error)))?;
        let mut strays = state.pushes.strays.iter();
        let change = match state.unfinished() {
            None => match strays.find(|stray| stray.key == key) {
                None => Change::Insert(row),
                Some(malformed) => Change::Replace(row, malformed.version.clone()),
            },
            Some(unfinished) if push.resume => Change::Replace(row, unfinished.version.clone()),
            Some(unfinished) => return Err(PushError::Unfinished(unfinished.clone())),
        };
        let version = write(store, change).await.and_then(|version| {
            version.ok_or_else(|| WriteError::Unconfirmed {
                table: "Revisions".to_owned(),
                cause: "it names no version".to_owned(),
            })
        });
        match version {
            Ok(version) => Ok(Self { key, version, by }),
            // Nobody knows whether the marker is there.
            Err(error @ WriteError::Unconfirmed { .. }) => Err(PushError::Begun(error)),
            Err(error @ WriteError::Conflict { .. }) => {
                let found = Pushes::read(store).await;
                let found = found.map_err(|error| nothing(error.into()))?;
                Err(match found.unfinished {
                    Some(unfinished) => PushError::Unfinished(unfinished),
                    None => nothing(error.into()),
                })
            }
            Err(error) => Err(nothing(error.into())),
        }
    }

    /// The tables are what was wanted: notes who did it, and lets others go on.
    pub(super) async fn finish(
        self,
        store: &AzureTables,
        push: &Push<'_>,
    ) -> Result<(), PushError> {
        let revisions = Revisions::of(store);
        let noted = revisions
            .note_push(push.revision, &self.by, push.reason)
            .await;
        let removed = self.remove(store).await;
        removed.map_err(|error| PushError::Open(error.into()))?;
        noted.map_err(|error| PushError::Unnoted(error.into()))
    }

    /// Lets others go on.
    pub(super) async fn remove(self, store: &AzureTables) -> Result<(), WriteError> {
        let removed = write(store, Change::Delete(self.key, self.version)).await;
        removed.map(|_none| ())
    }
}

/// Writes one row; answers its new version, none for a deletion.
async fn write(store: &AzureTables, change: Change) -> Result<Option<ETag>, WriteError> {
    let mut version = None;
    for batch in Batch::split(vec![change]) {
        let versions = written::write(store, StoreTable::Revisions, &batch).await?;
        version = versions.into_iter().flatten().next();
    }
    Ok(version)
}

/// No two pushes have the same: it is the time, and which process of the machine this is.
fn attempt() -> String {
    format!("{:.9} {}", Timestamp::now(), std::process::id())
}
