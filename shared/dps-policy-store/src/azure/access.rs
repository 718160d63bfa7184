//! Why the service cannot be used, whatever was asked of it.

use std::fmt;

use super::connection::Access;
use super::failure::{Failure, Refusal};
use super::network::Network;

/// The service cannot be used, whatever was asked of it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The identity may not do this.
    #[error("{who} may not use {table} of `{store}` ({code}); {help}")]
    Forbidden {
        /// The account.
        store: String,
        /// The name of the table.
        table: String,
        /// Who it is.
        who: String,
        /// What the service says.
        code: String,
        /// Which role to assign.
        help: String,
    },
    /// The service does not believe who it is.
    #[error("`{store}` does not accept {who} ({code}); {help}")]
    Credential {
        /// The account.
        store: String,
        /// Who it is.
        who: String,
        /// What the service says.
        code: String,
        /// What to do.
        help: &'static str,
    },
    /// The clock of this machine is wrong.
    #[error(
        "`{store}` refuses requests, because this machine's clock is {} minutes {}; set the clock",
        minutes.abs(),
        if *minutes > 0 { "ahead" } else { "behind" }
    )]
    Clock {
        /// The account.
        store: String,
        /// Ahead, or below zero behind.
        minutes: i64,
    },
    /// There is no token.
    #[error("no token for {who}: {cause}")]
    Token {
        /// Who it is.
        who: String,
        /// What the source of tokens says.
        cause: String,
    },
    /// The service cannot be reached.
    #[error("`{store}` cannot be reached: {cause}; {network}")]
    Network {
        /// The account.
        store: String,
        /// What is wrong with the way to it.
        network: Network,
        /// What the system says.
        cause: String,
    },
    /// The service has too much to do.
    #[error("`{store}` is busy ({code}); try again later")]
    Busy {
        /// The account.
        store: String,
        /// What the service says.
        code: String,
    },
    /// The service answers what it should not.
    #[error("`{store}`, table {table}: unexpected answer: {answer}")]
    Unexpected {
        /// The account.
        store: String,
        /// The name of the table.
        table: String,
        /// Status, code and message.
        answer: String,
    },
}

/// Azure refuses requests signed more than this before or after its own time:
/// <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key#specifying-the-date-header>.
const CLOCK_TOLERANCE_MINUTES: i64 = 15;

/// What an identity needs to read, and to write:
/// <https://learn.microsoft.com/azure/storage/tables/assign-azure-role-data-access>.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    Reader,
    Contributor,
    /// Creates the table itself, which a role on a table does not allow.
    Creator,
}

impl AccessError {
    pub(super) fn new(
        store: String,
        table: String,
        who: &Access,
        role: Role,
        failure: Failure,
    ) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::refused(store, table, who, role, &refusal),
            Failure::Unsent(network, cause) | Failure::Lost(network, cause) => Self::Network {
                store,
                network,
                cause,
            },
            Failure::NoToken(cause) => Self::Token {
                who: who.to_string(),
                cause,
            },
            Failure::Unreadable(answer) => Self::Unexpected {
                store,
                table,
                answer,
            },
            Failure::OverBudget(over) => Self::Unexpected {
                store,
                table,
                answer: over.to_string(),
            },
        }
    }

    fn refused(store: String, table: String, who: &Access, role: Role, refusal: &Refusal) -> Self {
        let minutes = refusal.clock_ahead.map_or(0, |ahead| ahead.as_mins());
        let code = format!("{} {}", refusal.status, refusal.code);
        let code = code.trim_end().to_owned();
        match refusal.status {
            401 | 403 if minutes.abs() >= CLOCK_TOLERANCE_MINUTES => Self::Clock { store, minutes },
            401 => Self::credential(store, who, code),
            403 if refusal.code == "AuthenticationFailed" => Self::credential(store, who, code),
            403 => Self::Forbidden {
                help: match who {
                    Access::Key { .. } => {
                        "is the key right, and does the firewall of the account admit this address?"
                            .to_owned()
                    }
                    Access::Sas(_) => {
                        "create one for tables that may query, add, update and delete".to_owned()
                    }
                    Access::Identity(_) => format!(
                        "assign it the role {role}, which takes up to ten minutes; the firewall of \
                         the account must admit this address too"
                    ),
                },
                who: who.to_string(),
                store,
                table,
                code,
            },
            429 | 500 | 502..=504 => Self::Busy { store, code },
            _ => Self::Unexpected {
                store,
                table,
                answer: match &*refusal.message {
                    "" => code,
                    message => format!("{code}: {message}"),
                },
            },
        }
    }

    fn credential(store: String, who: &Access, code: String) -> Self {
        Self::Credential {
            store,
            who: who.to_string(),
            code,
            help: match who {
                Access::Key { .. } => "copy one of its two keys from Access keys",
                Access::Sas(_) => "it may have expired; create a new one",
                Access::Identity(_) => "it must be of the tenant that the account belongs to",
            },
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reader => "`Storage Table Data Reader` on this table",
            Self::Contributor => "`Storage Table Data Contributor` on this table",
            Self::Creator => "`Storage Table Data Contributor` on the account",
        })
    }
}
