//! Claims about every device, decided by enumeration.
//!
//! Devices are told apart by what decisions depend on: enrollment, tenant, registration id as far
//! as rows read it, attestation, current hub, the share of each rollout, and the moments at which
//! the tables change. What a row reads from payload, certificate or a device's row is not
//! enumerated but assumed: each such question of a decision is answered in every way that it can
//! be, so a claim that holds then holds whatever devices send. A claim that fails then is shown by
//! a request that the webhook's own code decides against it; if none is found, the claim counts as
//! undecided.

mod answer;
mod atoms;
mod bounds;
mod broken;
mod claim;
mod clock;
mod explore;
mod expression;
mod report;
mod side;
mod space;
mod token;
mod unknown;
mod witness;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use claim::Claim;
pub use report::{Counterexample, Report, Verdict};
pub use side::Side;
pub use unknown::Unknown;

/// How often a request is searched for the same questions and the same outcome.
const MAX_SEARCHES: u32 = 2;

/// Decides a claim about one policy, or about the difference of two.
///
/// `sides` are the policy, or what it was and what it becomes. `now` is when the claim begins to
/// hold; it is for all times after that.
#[must_use]
pub fn prove(claim: &Claim, sides: &[Side<'_>], now: Timestamp) -> Report {
    let mut report = Report::new(claim);
    let mut tried: BTreeMap<(String, Vec<String>), u32> = BTreeMap::new();
    let not_among = space::for_each(claim, sides, now, |class| {
        report.classes += 1;
        let Some(leaves) = explore::leaves(class, sides) else {
            let row = format!("enrollments enrollment/{}", class.enrollment.row);
            report.add(
                &row,
                &format!("no request has the registration id `{}`", class.id),
            );
            return true;
        };
        if let Some(asked) = &leaves.cut {
            report.cut(class, asked);
        }
        for leaf in leaves.all {
            report.decisions += 1;
            let Some(broken) = broken::broken_by(claim, &leaf, class, sides) else {
                continue;
            };
            let searches = tried.entry((broken.clone(), leaf.questions()));
            let searches = searches.and_modify(|count| *count += 1).or_insert(1);
            if *searches <= MAX_SEARCHES
                && let Some(found) = witness::find(claim, class, &leaf, sides)
            {
                report.refute(found);
                return false;
            }
            report.doubt(&leaf, &broken, sides);
        }
        true
    });
    if report.verdict == Verdict::Refuted {
        return report;
    }
    report.finish(not_among.into_iter().chain(space::limits(sides)))
}
