//! What was decided about a device, or why nothing was.

use std::borrow::Cow;

use dps_allocation::{
    Decision, Explanation, Facts, Known, NotRecorded, Policy, RecordError, Registration, RowRef,
    deciding_row, explain, replay,
};

/// A device under both policies.
pub(crate) struct Judged<'a> {
    pub(crate) id: &'a str,
    pub(crate) enrollment: &'a str,
    /// Where it is now, if that is known.
    pub(crate) now: Option<Cow<'a, str>>,
    pub(crate) from: Decision<'a>,
    pub(crate) to: Decision<'a>,
    /// Whether initial twin and reply of both are known.
    pub(crate) twin_is_known: bool,
    pub(super) asked: Asked<'a>,
}

/// What was decided about, to ask for reasons.
pub(super) struct Asked<'a> {
    pub(super) policy: &'a Policy,
    pub(super) registration: &'a Registration<'a>,
    pub(super) facts: Facts<'a>,
    pub(super) known: Known<'a>,
}

impl Judged<'_> {
    /// The row that decides after the change.
    pub(crate) fn row(&self) -> Option<RowRef> {
        let it = &self.asked;
        deciding_row(it.policy, it.registration, &it.facts, it.known)
    }

    /// The reasons after the change.
    pub(crate) fn explain(&self) -> Option<Explanation> {
        let it = &self.asked;
        match it.known {
            // What is not known was not read, or the device would not have been decided.
            Known::AllBut(_) => Some(explain(it.policy, it.registration, &it.facts)),
            Known::Recorded(version, evidence) => {
                replay(it.policy, it.registration, &it.facts, version, evidence).ok()
            }
        }
    }
}

/// Why a device is not decided.
pub(crate) enum Unjudged {
    /// The fleet does not hold what the policy reads; names the row that reads it.
    Undecidable(String),
    /// The line is not a device; says why.
    Broken(String),
}

impl From<NotRecorded> for Unjudged {
    fn from(missing: NotRecorded) -> Self {
        Self::Undecidable(missing.asked().to_owned())
    }
}

impl From<RecordError> for Unjudged {
    fn from(error: RecordError) -> Self {
        Self::Broken(error.to_string())
    }
}
