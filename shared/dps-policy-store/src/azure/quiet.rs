//! Calls of crates that would log what is secret.

use tracing::Dispatch;
use tracing::instrument::{WithDispatch, WithSubscriber as _};

/// Runs a call of the 0.21 crates without a log: they print the `authorization` header at debug
/// level (RUSTSEC-2026-0275), and keys and rows at trace level.
pub(super) fn quiet<F: Future>(call: F) -> WithDispatch<F> {
    call.with_subscriber(Dispatch::none())
}
