//! What can go wrong with each operation, in words that say what was tried and what to do.

use std::time::Duration;

use super::access::{AccessError, AccessFault};
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
    /// The service cannot be used.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The answer did not come in time.
    #[error("`{store}`: no answer in {limit:?}")]
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

impl ReadError {
    /// Whether tables are missing, one or all.
    #[must_use]
    pub fn is_no_table(&self) -> bool {
        use AccessFault::{NoTable, NoTables};
        matches!(self, Self::Access(error) if matches!(error.fault(), NoTable | NoTables))
    }

    /// Whether all tables of a policy are missing.
    #[must_use]
    pub fn is_nothing_there(&self) -> bool {
        matches!(self, Self::Access(error) if error.fault() == AccessFault::NoTables)
    }
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
    /// The service cannot be used.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The answer was lost: the changes were made all or not at all.
    #[error("{table}: the answer was lost ({cause})")]
    Unconfirmed {
        /// The name of the table.
        table: String,
        /// How it was lost.
        cause: String,
    },
}
