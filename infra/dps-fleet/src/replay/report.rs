//! What a replay finds.

use std::collections::BTreeMap;

use dps_allocation::Revision;
use serde::Serialize;

use crate::fleet::LineFault;
use crate::ids::Ids;
use crate::preview::Undecided;

/// What a replay finds.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replayed {
    /// The revision by which was decided again.
    pub revision: Revision,
    /// Whether the logs were not read to their end.
    pub interrupted: bool,
    /// Lines of decisions.
    pub decisions: u64,
    /// Decisions that are the same.
    pub same: u64,
    /// Decisions that differ.
    pub different: u64,
    /// Of these, those of devices whose coordinates the log rounds, which may be why.
    pub rounded: u64,
    /// Decisions for which the tables read what the log does not hold.
    pub needs_request: u64,
    /// Requests that ended before a registration was read, by reason.
    pub nothing_to_decide: BTreeMap<String, u64>,
    /// Decisions that differ alike, the most first.
    pub differences: Vec<Differing>,
    /// What the log does not hold, the most first; a device counts as often as it has registered.
    pub asked: Vec<Undecided>,
    /// Lines of decisions that cannot be read.
    pub fault_count: u64,
    /// The first of them.
    pub faults: Vec<LineFault>,
    /// Lines that are not decisions.
    pub other_lines: u64,
}

/// Decisions that differ alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// How they differ.
    #[serde(flatten)]
    pub difference: Difference,
    /// The devices; one counts as often as it has registered.
    #[serde(flatten)]
    pub ids: Ids,
}

/// A decision as the log has it, and as it is now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// The tenant, if it is known.
    pub tenant: Option<String>,
    /// The hub and the reason as logged; of a refusal the reason.
    pub logged: String,
    /// The same as decided again.
    pub now: String,
    /// The row that decides now.
    pub row: Option<String>,
}
