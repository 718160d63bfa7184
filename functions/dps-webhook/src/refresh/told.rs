//! What telemetry is told of a look.

use dps_policy_store::{StoreError, azure};

use super::pace::Looked;

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

/// How a look ended that has found nothing to take or to refuse.
pub(super) fn outcome(looked: Looked) -> dps_telemetry::Looked {
    match looked {
        Looked::Settled => dps_telemetry::Looked::Unchanged,
        Looked::Editing => dps_telemetry::Looked::Editing,
        Looked::Pushing | Looked::PushOverdue => dps_telemetry::Looked::Pushing,
        Looked::Failed => dps_telemetry::Looked::Failed,
    }
}
