//! A device whose row is unknown keeps a hub that is linked, not closed and within the residency of
//! its enrollment.
//!
//! Missing evidence never moves or admits a device: the row may name another tenant or hub, and a
//! tenant or rule may refuse the device because of its row.

use super::context::{Choice, ChosenHub, Unassigned};
use super::movement;
use super::rows::{enrollment_row, step};
use super::version::Version;
use crate::decision::{AssignedReason, Unavailable};
use crate::policy::{EnrollmentRow, Linked, Policy};
use crate::registration::Registration;
use crate::trace::Trace;

pub(super) fn keep<'a>(
    policy: &Policy,
    registration: &Registration<'_>,
    (enrollment_key, enrollment): (&str, &EnrollmentRow),
    linked: &Linked<'a>,
    version: Version,
    why: Unavailable,
    trace: &mut Trace,
) -> Result<Choice<'a>, Unassigned> {
    trace.decided_by(|| enrollment_row(enrollment_key));
    let inside = enrollment.residency.unwrap_or(policy.hubs.all);
    let may_stay = linked.set.and(inside).without(policy.hubs.closed);
    let listed = linked.current.filter(|hub| may_stay.contains(*hub));
    let unlisted_stays = version.unlisted_stays() && enrollment.residency.is_none();
    let unlisted = linked.unlisted.filter(|_| unlisted_stays);
    let listed = listed.map(ChosenHub::Listed);
    if let Some(hub) = listed.or(unlisted.map(ChosenHub::Unlisted)) {
        movement::trace_stay(policy, trace, policy.hubs.all, hub);
        return Ok(Choice {
            hub,
            reason: AssignedReason::StayUnverified,
            rollout: None,
        });
    }
    trace.step(|| {
        let found = match (&registration.current_hub, linked.current) {
            (None, _) => "it has no hub",
            (Some(_), None) => "no: its hub is not in the hubs table",
            (Some(_), Some(hub)) if policy.hubs.closed.contains(hub) => "no: its hub is closed",
            (Some(_), Some(hub)) if !inside.contains(hub) => {
                "no: its hub is outside the enrollment's residency"
            }
            (Some(_), Some(_)) => "no: its hub is not in the request's linkedHubs",
        };
        let asked = "whether the device keeps its hub";
        step(
            "stay",
            asked,
            format!("{found}: DPS has to try again"),
            None,
        )
    });
    Err(Unassigned::Unavailable(why))
}
