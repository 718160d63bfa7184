//! How polls are named in telemetry.

use dps_policy_store::{StoreError, azure};
use dps_telemetry::PollOutcome;

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
pub(super) fn outcome(poll: Poll) -> PollOutcome {
    match poll {
        Poll::Settled => PollOutcome::Unchanged,
        Poll::Editing => PollOutcome::Editing,
        Poll::Pushing | Poll::PushOverdue => PollOutcome::Pushing,
        Poll::Failed => PollOutcome::Failed,
    }
}
