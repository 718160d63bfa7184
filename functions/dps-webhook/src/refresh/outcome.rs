//! How polls are named in telemetry.

use dps_policy_store::{StoreError, azure};
use dps_telemetry::Looked;

use super::interval::Poll;

/// The word for a failure.
pub(super) fn kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::Csv(_) => "folder",
        StoreError::Azure(azure::ReadError::NoTables { .. }) => "noTable",
        StoreError::Azure(azure::ReadError::TooSlow { .. }) => "timeout",
        StoreError::Azure(azure::ReadError::TooLarge { .. }) => "tooLarge",
        StoreError::Azure(_) => "access",
    }
}

/// How a poll ended that has found nothing to install or to refuse.
pub(super) fn outcome(poll: Poll) -> Looked {
    match poll {
        Poll::Settled => Looked::Unchanged,
        Poll::Editing => Looked::Editing,
        Poll::Pushing | Poll::PushOverdue => Looked::Pushing,
        Poll::Failed => Looked::Failed,
    }
}
