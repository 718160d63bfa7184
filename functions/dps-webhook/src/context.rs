//! What a decision needs, and what is logged of it.

use axum::http::request::Parts;
use dps_allocation::{Facts, Finding, Registration};

use crate::devices::Found;
use crate::logged::Named;
use crate::policy::Snapshot;

/// What a decision needs.
pub(crate) struct Context<'a> {
    /// The request without its body.
    pub(crate) head: &'a Parts,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) registration: &'a Registration<'a>,
    /// The ids as logs and telemetry show them.
    pub(crate) named: &'a Named<'a>,
    pub(crate) facts: Facts<'a>,
    /// What was found of the device's row.
    pub(crate) found: &'a Found,
    /// The errors in the device's row.
    pub(crate) row_findings: &'a [Finding],
}
