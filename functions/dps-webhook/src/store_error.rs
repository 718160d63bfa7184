//! How failures of the store are named in telemetry.

use dps_policy_store::{StoreError, azure};

/// The word for a failure of a poll.
pub(crate) fn kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::Csv(_) => "folder",
        StoreError::Azure(error) => kind_of_azure(error),
    }
}

/// The word for a failure of Azure Tables.
pub(crate) fn kind_of_azure(error: &azure::ReadError) -> &'static str {
    match error {
        azure::ReadError::TooSlow { .. } => "timeout",
        azure::ReadError::TooLarge { .. } => "tooLarge",
        error if error.is_no_table() => "noTable",
        _ => "access",
    }
}
