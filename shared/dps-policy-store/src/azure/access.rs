//! Why the service cannot be used, for any request.

use std::fmt;

use super::connection::Access;
use super::failure::Failure;
use super::network::Network;

/// The service cannot be used, for any request; the message says what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct AccessError {
    fault: AccessFault,
    message: String,
}

/// Why the service cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessFault {
    /// A table is not there.
    NoTable,
    /// None of the tables is there.
    NoTables,
    /// The identity may not do this.
    Forbidden,
    /// The service rejects the credentials.
    Credential,
    /// The clock of this machine is wrong.
    Clock,
    /// There is no token.
    NoToken,
    /// The service cannot be reached.
    Network(Network),
    /// The service is overloaded.
    Busy,
    /// The answer is not one of the service.
    Unexpected,
}

/// Azure refuses requests signed more than this before or after its own time:
/// <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key#specifying-the-date-header>.
const CLOCK_TOLERANCE_MINUTES: i64 = 15;

/// What an identity needs to read, and to write:
/// <https://learn.microsoft.com/azure/storage/tables/assign-azure-role-data-access>.
#[derive(Clone, Copy, Debug, strum::Display)]
pub(super) enum Role {
    #[strum(to_string = "`Storage Table Data Reader` on this table")]
    Reader,
    #[strum(to_string = "`Storage Table Data Contributor` on this table")]
    Contributor,
    /// Creates the table itself, which a role on a table does not allow.
    #[strum(to_string = "`Storage Table Data Contributor` on the account")]
    Creator,
}

impl AccessError {
    pub(super) fn new(
        store: &str,
        table: &str,
        who: &Access,
        role: Role,
        failure: Failure,
    ) -> Self {
        let unexpected = |answer: &dyn fmt::Display| {
            let message = format!("`{store}`, table {table}: unexpected answer: {answer}");
            (AccessFault::Unexpected, message)
        };
        let (fault, message) = match failure {
            Failure::Refused(refusal) => {
                let code = format!("{} {}", refusal.status, refusal.code);
                let code = code.trim_end();
                let credential = || {
                    let help = credential_help(who);
                    let message = format!("`{store}` does not accept {who} ({code}); {help}");
                    (AccessFault::Credential, message)
                };
                let minutes = refusal.clock_ahead.map_or(0, |ahead| ahead.as_mins());
                match refusal.status {
                    401 | 403 if minutes.abs() >= CLOCK_TOLERANCE_MINUTES => {
                        let side = if minutes > 0 { "ahead" } else { "behind" };
                        let message = format!(
                            "`{store}` refuses requests, because this machine's clock is {} minutes \
                             {side}; set the clock",
                            minutes.abs()
                        );
                        (AccessFault::Clock, message)
                    }
                    401 => credential(),
                    403 if refusal.code == "AuthenticationFailed" => credential(),
                    403 => {
                        let help = role_help(who, role);
                        let message =
                            format!("{who} may not use {table} of `{store}` ({code}); {help}");
                        (AccessFault::Forbidden, message)
                    }
                    429 | 500 | 502..=504 => {
                        let message = format!("`{store}` is busy ({code}); try again later");
                        (AccessFault::Busy, message)
                    }
                    _ if refusal.message.is_empty() => unexpected(&code),
                    _ => unexpected(&format_args!("{code}: {}", refusal.message)),
                }
            }
            Failure::Unsent(network, cause) | Failure::Lost(network, cause) => {
                let message = format!("`{store}` cannot be reached: {cause}; {network}");
                (AccessFault::Network(network), message)
            }
            Failure::NoToken(cause) => {
                (AccessFault::NoToken, format!("no token for {who}: {cause}"))
            }
            Failure::Unreadable(answer) => unexpected(&answer),
            Failure::OverBudget(over) => unexpected(&over),
        };
        Self { fault, message }
    }

    pub(super) fn no_table(fault: AccessFault, store: &str, tables: &[String]) -> Self {
        let message = format!(
            "`{store}` has no table {}; create the tables with `dps-policy push` or \
             PolicyTables__create=true, or correct POLICY_TABLE_PREFIX",
            tables.join(", ")
        );
        Self { fault, message }
    }

    /// Why the service cannot be used.
    #[must_use]
    pub fn fault(&self) -> AccessFault {
        self.fault
    }
}

fn role_help(who: &Access, role: Role) -> String {
    match who {
        Access::Key { .. } => {
            "is the key right, and does the firewall of the account admit this address?".to_owned()
        }
        Access::Sas(_) => "create one for tables that may query, add, update and delete".to_owned(),
        Access::Identity(_) => format!(
            "assign it the role {role}, which takes up to ten minutes; the firewall of the account \
             must admit this address too"
        ),
    }
}

fn credential_help(who: &Access) -> &'static str {
    match who {
        Access::Key { .. } => "copy one of its two keys from Access keys",
        Access::Sas(_) => "it may have expired; create a new one",
        Access::Identity(_) => "it must be of the tenant that the account belongs to",
    }
}
