//! The decision, step by step: identity, tenant, rule, constraints, stay, rollout, tier, latency,
//! weight, twin.

mod applied;
mod assign;
mod condition;
mod constraints;
mod context;
mod evacuation;
mod evidence_mode;
mod facts;
mod group;
mod hash_input;
mod hub_from;
mod identity;
mod known;
mod location;
mod movement;
mod placement;
mod recorded;
mod remaining;
mod rollout;
mod rows;
mod rule;
mod tenant;
mod twins;
mod unverified;
mod version;

use crate::decision::Decision;
use crate::evidence::{Evidence, NotRecorded};
use crate::explanation::{Explanation, RowRef};
use crate::policy::Policy;
use crate::registration::Registration;
use crate::trace::Trace;
use assign::assign;
use context::Unassigned;
use evidence_mode::EvidenceMode;

pub use facts::{DeviceFact, Facts};
pub use known::Known;
pub use version::Version;

/// Decides where a registration belongs.
///
/// The same policy, registration and facts always give the same decision. Allocates nothing for
/// an assignment without expressions and without twin layers to merge.
#[must_use]
pub fn decide<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
) -> Decision<'a> {
    let (mut trace, mut mode) = (Trace::Off, EvidenceMode::Unrecorded);
    let version = Version::NEWEST;
    run(policy, registration, facts, version, &mut trace, &mut mode)
}

/// Decides like [`decide`] and records what it learns from payload and certificate, for [`replay`].
#[must_use]
pub fn decide_with_evidence<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
) -> (Decision<'a>, Evidence) {
    let (mut trace, mut mode) = (Trace::Off, EvidenceMode::Recorded(Evidence::default()));
    let version = Version::NEWEST;
    let decision = run(policy, registration, facts, version, &mut trace, &mut mode);
    (decision, mode.into_evidence())
}

/// Decides like [`decide`] and records every step, the row that decided, and the verdict on each hub.
#[must_use]
pub fn explain<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
) -> Explanation {
    let (mut trace, mut mode) = (Trace::all(), EvidenceMode::Unrecorded);
    let version = Version::NEWEST;
    let decision = run(policy, registration, facts, version, &mut trace, &mut mode);
    trace.explain(policy, registration, &decision)
}

/// Explains a decision again from its recorded evidence, by the version that made it.
///
/// Payload and certificate of the registration are not read; they only say whether the request had
/// them. Initial twin and reply are not rendered.
///
/// # Errors
/// [`NotRecorded`] when the policy reads something that the decision did not.
pub fn replay<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    version: Version,
    evidence: &'a Evidence,
) -> Result<Explanation, NotRecorded> {
    let (mut trace, mut mode) = (Trace::all(), EvidenceMode::replay(evidence));
    let decision = run(policy, registration, facts, version, &mut trace, &mut mode);
    match mode.into_missing() {
        Some(missing) => Err(missing),
        None => Ok(trace.explain(policy, registration, &decision)),
    }
}

/// A decision about a registration that DPS has not posted.
#[derive(Clone, Debug)]
pub struct Foreseen<'a> {
    /// The decision, which rests on nothing that is not known.
    pub decision: Decision<'a>,
    /// Whether its initial twin and its payload are known too; if not, it has none.
    pub twin_is_known: bool,
}

/// Decides like [`decide`] from what is known of a registration.
///
/// # Errors
/// [`NotRecorded`] when the policy reads something that is not known; nothing is assumed of it.
pub fn foresee<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    known: Known<'a>,
) -> Result<Foreseen<'a>, NotRecorded> {
    let (mut trace, mut mode) = (Trace::Off, EvidenceMode::of(known));
    let version = known.version();
    let decision = run(policy, registration, facts, version, &mut trace, &mut mode);
    let twin_is_known = mode.knows_twin();
    match mode.into_missing() {
        Some(missing) => Err(missing),
        None => Ok(Foreseen {
            decision,
            twin_is_known,
        }),
    }
}

/// The row that decides in [`foresee`], if one row does.
#[must_use]
pub fn deciding_row<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    known: Known<'a>,
) -> Option<RowRef> {
    let (mut trace, mut mode) = (Trace::Row(None), EvidenceMode::of(known));
    let version = known.version();
    run(policy, registration, facts, version, &mut trace, &mut mode);
    trace.into_row()
}

fn run<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    version: Version,
    trace: &mut Trace,
    mode: &mut EvidenceMode<'a>,
) -> Decision<'a> {
    match assign(policy, registration, facts, version, trace, mode) {
        Ok(assignment) => Decision::Assigned(assignment),
        Err(Unassigned::Refused(refusal)) => Decision::Refused(refusal),
        Err(Unassigned::Unavailable(unavailable)) => Decision::Unavailable(unavailable),
    }
}
