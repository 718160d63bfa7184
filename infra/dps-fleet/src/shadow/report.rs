//! What a log tells of candidates.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::fleet::LineFault;
use crate::ids::Ids;

/// What a log tells of candidates.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// Whether the logs were not read to their end.
    pub interrupted: bool,
    /// Lines of decisions.
    pub decisions: u64,
    /// Of these, those that no candidate has decided.
    pub without_candidate: u64,
    /// Each revision of the candidate, the last one first.
    pub candidates: Vec<Candidate>,
    /// Lines of decisions that cannot be read.
    pub fault_count: u64,
    /// The first of them.
    pub faults: Vec<LineFault>,
    /// Lines that are not decisions.
    pub other_lines: u64,
}

/// The decisions of one revision of the candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The revision.
    pub revision: String,
    /// Its first decision.
    pub first: Timestamp,
    /// Its last one.
    pub last: Timestamp,
    /// Decisions by how they differ from those of the live policy, in the words of the log.
    pub decisions: BTreeMap<String, u64>,
    /// Decisions that differ alike, the most first.
    pub differences: Vec<Differing>,
}

/// Decisions that differ alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// How they differ, in the word of the log.
    pub difference: String,
    /// The hub and the reason of the live policy; of a refusal the reason.
    pub live: String,
    /// The same of the candidate; `None` if it could not be decided.
    pub candidate: Option<String>,
    /// The devices; one counts as often as it has registered.
    #[serde(flatten)]
    pub ids: Ids,
}

/// The word of the log for a decision that is alike.
const SAME: &str = "same";

/// The word for a decision for which the candidate needs what was not read.
const UNDECIDABLE: &str = "undecidable";

impl Candidate {
    /// Decisions that are alike.
    #[must_use]
    pub fn same(&self) -> u64 {
        self.decisions.get(SAME).copied().unwrap_or(0)
    }

    /// Decisions that the candidate could not take.
    #[must_use]
    pub fn undecidable(&self) -> u64 {
        self.decisions.get(UNDECIDABLE).copied().unwrap_or(0)
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.decisions.values().sum()
    }

    /// Decisions that differ.
    #[must_use]
    pub fn different(&self) -> u64 {
        self.total() - self.same() - self.undecidable()
    }
}

/// Whether a word of the log means the same answer.
pub(super) fn is_same(difference: &str) -> bool {
    difference == SAME
}
