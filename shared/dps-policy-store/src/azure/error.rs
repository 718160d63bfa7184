//! What can go wrong with each operation, in words that say what was tried and what to do.

use std::time::Duration;

use super::access::AccessError;
use super::model::Key;
use crate::budget::OverBudget;

/// A client cannot be made from the settings.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The identity lacks a setting.
    #[error("tokens for {who} cannot be had: {cause}")]
    Identity {
        /// Which identity.
        who: String,
        /// What it lacks.
        cause: String,
    },
    /// The certificates of the system cannot be read.
    #[error("TLS cannot be set up: {0}; install the package ca-certificates")]
    Tls(String),
}

/// Rows cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Tables are not there.
    #[error(
        "`{store}` has no table {}; create the tables with `dps-policy push` or PolicyTables__create=true, or correct \
         POLICY_TABLE_PREFIX",
        tables.join(", ")
    )]
    NoTables {
        /// The account.
        store: String,
        /// All tables that are missing.
        tables: Vec<String>,
    },
    /// The service cannot be used.
    #[error(transparent)]
    Access(AccessError),
    /// The tables took too long to read.
    #[error("`{store}`: the tables were not read in {} s", limit.as_secs())]
    TooSlow {
        /// The account.
        store: String,
        /// How long it may take.
        limit: Duration,
    },
    /// The tables hold more than one read may take.
    #[error("`{store}`: {cause}")]
    TooLarge {
        /// The account.
        store: String,
        /// Which limit.
        cause: OverBudget,
    },
}

/// A device cannot be looked up.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The table of devices is not there.
    #[error(
        "`{store}` has no table {table}; create the tables with `dps-policy push` or PolicyTables__create=true"
    )]
    NoTable {
        /// The account.
        store: String,
        /// The name of the table.
        table: String,
    },
    /// The service cannot be used.
    #[error(transparent)]
    Access(AccessError),
    /// The answer did not come in time.
    #[error("`{store}`: no answer in {} ms", limit.as_millis())]
    TooSlow {
        /// The account.
        store: String,
        /// How long it may take.
        limit: Duration,
    },
}

/// Changes were not made; after [`WriteError::Unconfirmed`] alone they may have been.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The row was changed or deleted by somebody else, or is there already.
    #[error("{table} `{key}` was changed by somebody else ({code}); read it again")]
    Conflict {
        /// The name of the table.
        table: String,
        /// The row.
        key: Key,
        /// What the service says.
        code: String,
    },
    /// The table is not there.
    #[error(
        "`{store}` has no table {table}; create the tables with `dps-policy push` or PolicyTables__create=true"
    )]
    NoTable {
        /// The account.
        store: String,
        /// The name of the table.
        table: String,
    },
    /// Whoever signs in may not write.
    #[error(transparent)]
    Forbidden(AccessError),
    /// The service cannot be used.
    #[error(transparent)]
    Access(AccessError),
    /// The answer was lost: the changes were made all or not at all.
    #[error("{table}: the answer was lost ({cause})")]
    Unconfirmed {
        /// The name of the table.
        table: String,
        /// How it was lost.
        cause: String,
    },
}

impl From<AccessError> for WriteError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Forbidden { .. } => Self::Forbidden(error),
            _ => Self::Access(error),
        }
    }
}
