//! Why a push was not completed, and how far it got.

use dps_allocation::tables::TableName;

use crate::azure::{Key, ReadError, RowError, WriteError};
use crate::revisions::RevisionError;
use crate::unfinished::Unfinished;

/// A push that was not completed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// Another push is under way, or was interrupted.
    #[error("{0}; nothing was changed")]
    Unfinished(Unfinished),
    /// Somebody has edited a table since it was read; nothing was written, or all of it was undone.
    #[error("{0}; nothing was changed: compare again")]
    Conflict(Edited),
    /// Nothing was written, or all of it was undone.
    #[error("{0}; nothing was changed")]
    Nothing(PushFailure),
    /// The marker may be there or not; no other row was written.
    #[error(
        "{0}; no row of the policy was changed, but the next push may find this one unfinished"
    )]
    Begun(WriteError),
    /// What was written could not be undone.
    #[error("{0}; some rows may be written, and no webhook installs them")]
    Half(PushFailure),
    /// All rows are written; the row that says that a push is under way could not be removed.
    #[error(
        "{0}; all rows are written, but no webhook installs them yet, because the push has not ended"
    )]
    Open(PushFailure),
    /// The push is done; history does not show it.
    #[error("{0}; the push itself is done, but history does not show who pushed and why")]
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
    /// The revision cannot be stored.
    #[error(transparent)]
    Revision(#[from] RevisionError),
    /// Author or reason cannot be stored.
    #[error("author and reason: {0}")]
    Note(#[from] RowError),
}

/// A row that somebody else has written, added or deleted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("somebody has edited the row `{key}` of {} in the meantime", table.as_str())]
pub struct Edited {
    /// Its table.
    pub table: TableName,
    /// Its keys, as they are stored.
    pub key: Key,
}

impl PushFailure {
    pub(super) fn of(table: TableName, error: WriteError) -> Self {
        match error {
            WriteError::Conflict { key, .. } => Self::Edited(Edited { table, key }),
            error => Self::Write(error),
        }
    }

    /// Whether rows may have been written without a record of it.
    pub(super) fn leaves_open(&self) -> bool {
        matches!(self, Self::Write(WriteError::Unconfirmed { .. }))
    }
}
