//! A candidate policy that is decided beside the live one, on the same requests.
//!
//! Its decisions are counted and logged. They never change an answer.

mod counts;
mod difference;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use dps_allocation::{
    Decision, DeviceFact, DeviceRows, Facts, RecordedShadow, Registration, decide,
};
use jiff::Timestamp;

use crate::devices::Found;
use crate::policy::{PolicyInUse, Snapshot};
use counts::Counts;
pub(crate) use difference::Difference;

/// The candidate, and how often it has decided otherwise.
#[derive(Debug)]
pub struct Shadow {
    policy: Arc<PolicyInUse>,
    counts: Counts,
}

/// What the candidate decides.
pub(crate) struct Seen {
    pub(crate) difference: Difference,
    pub(crate) record: RecordedShadow,
}

impl Shadow {
    /// The candidate is what a refresh of its own installs here.
    #[must_use]
    pub fn new(policy: Arc<PolicyInUse>) -> Self {
        Self {
            policy,
            counts: Counts::default(),
        }
    }

    pub(crate) fn policy(&self) -> &PolicyInUse {
        &self.policy
    }

    /// How often each difference was seen since the candidate's revision was installed.
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, u64> {
        match &*self.policy.now() {
            Some(candidate) => self.counts.of(&candidate.revision),
            None => BTreeMap::new(),
        }
    }

    /// Decides the same registration by the candidate; `None` while there is none.
    pub(crate) fn decide(
        &self,
        registration: &Registration<'_>,
        (found, now): (&Found, Timestamp),
        live: &Decision<'_>,
    ) -> Option<Seen> {
        let candidate = self.policy.now();
        let candidate = candidate.as_deref()?;
        // The answer is that of the live policy, whatever happens here.
        let decided = catch_unwind(AssertUnwindSafe(|| {
            compare(candidate, registration, (found, now), live)
        }));
        let seen = decided.unwrap_or_else(|_panic| Seen::undecided(candidate));
        self.counts.count(&candidate.revision, seen.difference);
        Some(seen)
    }
}

fn compare(
    candidate: &Snapshot,
    registration: &Registration<'_>,
    (found, now): (&Found, Timestamp),
    live: &Decision<'_>,
) -> Seen {
    let policy = &candidate.policy;
    let device = match (policy.device_rows(registration), found) {
        (DeviceRows::Off, _) => DeviceFact::NotRead,
        // It was not read for the live policy.
        (_, Found::NotRead) => return Seen::undecided(candidate),
        (_, found) => found.fact(policy, &registration.id).0,
    };
    let decision = decide(policy, registration, &Facts { now, device });
    let difference = Difference::between(live, &decision);
    let mut seen = Seen::of(candidate, difference);
    // The same answer is in the line already.
    if difference != Difference::Same {
        seen.record.outcome = Some(decision.outcome().into());
        seen.record.reason = Some(decision.reason().into());
        if let Decision::Assigned(assignment) = &decision {
            seen.record.hub = Some(assignment.hub.to_owned());
        }
    }
    seen
}

impl Seen {
    fn of(candidate: &Snapshot, difference: Difference) -> Self {
        Self {
            difference,
            record: RecordedShadow {
                revision: Arc::clone(&candidate.revision),
                difference: difference.as_str().into(),
                outcome: None,
                reason: None,
                hub: None,
            },
        }
    }

    fn undecided(candidate: &Snapshot) -> Self {
        Self::of(candidate, Difference::Undecidable)
    }
}
