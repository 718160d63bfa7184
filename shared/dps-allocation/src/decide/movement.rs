//! Steps 4 and 5: a device keeps its hub unless a rollout, the tenant or a wall moves it.

use std::fmt;

use super::walls::Walls;
use super::{AssignedReason, Case, Choice, Stop, TenantOf, step, tenant_row};
use crate::bucket::{Bucket, Share};
use crate::hubs::{HubIndex, HubSet};
use crate::policy::{Cohort, Frozen, OnReprovision, Policy, Rollout, RolloutState};
use crate::tables::TableName;
use crate::trace::{RowRef, Trace, Verdict};

/// Whether the device keeps its hub or is placed.
pub(super) enum Movement<'a> {
    Keep(Choice<'a>),
    Place(Among<'a>),
}

/// The hubs among which a device is placed, and why these.
pub(super) struct Among<'a> {
    pub(super) hubs: HubSet,
    /// Set where the movement itself is the reason.
    pub(super) reason: Option<AssignedReason>,
    pub(super) rollout: Option<&'a Rollout>,
    /// The current hub, where the device may stay if nobody takes newcomers.
    pub(super) fallback: Option<HubIndex>,
}

/// What a rollout does with a device.
enum Taken {
    /// It goes to one of these hubs.
    To(HubSet),
    /// It is on one of the rollout's hubs already.
    Already,
    /// It goes back to one of these hubs.
    Back(HubSet),
    /// It is not taken; says why.
    No(WhyNot),
}

/// Why a rollout does not take a device; becomes text only when somebody asks.
enum WhyNot {
    Because(&'static str),
    Bucket(Bucket, Share, Frozen),
    Condition(String),
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Because(because) => f.write_str(because),
            Self::Bucket(bucket, share, frozen) => {
                write!(f, "bucket {bucket} is outside the share of {share}")?;
                f.write_str(match frozen {
                    Frozen::Not => "",
                    Frozen::Paused => ", at which it was paused",
                    Frozen::Aborted => ", at which it was aborted",
                    Frozen::AbortedSometime => {
                        ", which holds without a time: abortedAt is missing or in the future"
                    }
                })
            }
            Self::Condition(condition) => f.write_str(condition),
        }
    }
}

pub(super) fn moved_or_kept<'a>(
    case: &mut Case<'a, '_>,
    tenant: TenantOf<'a>,
    walls: &Walls,
    current: Option<HubIndex>,
) -> Result<Movement<'a>, Stop> {
    let policy = case.policy;
    let kept = current.filter(|hub| walls.eligible.contains(*hub));
    let among = |hubs, reason, rollout| {
        Movement::Place(Among {
            hubs,
            reason: Some(reason),
            rollout: Some(rollout),
            fallback: kept,
        })
    };
    // A rollout that takes the device or keeps it where it is comes before any that brings it back:
    // otherwise the two would send it to and fro.
    let mut back = None;
    for rollout in policy.rollouts.of(tenant.number) {
        let taken = take(case, tenant, rollout, walls, current)?;
        record(case, rollout, &taken);
        match (taken, kept) {
            (Taken::To(hubs), _) => return Ok(among(hubs, AssignedReason::Rollout, rollout)),
            (Taken::Back(hubs), _) => back = back.or(Some((hubs, rollout))),
            (Taken::Already, Some(hub)) => {
                case.trace.decided_by(|| rollout_row(rollout));
                return Ok(keep(case, walls, hub, Some(rollout)));
            }
            (Taken::Already, None) | (Taken::No(_), _) => {}
        }
    }
    if let Some((hubs, rollout)) = back {
        return Ok(among(hubs, AssignedReason::RolloutReturn, rollout));
    }
    let replaces = tenant.settings.on_reprovision == OnReprovision::Replace;
    if let Some(hub) = kept.filter(|_| !replaces) {
        case.trace.decided_by(|| tenant_row(tenant.id));
        return Ok(keep(case, walls, hub, None));
    }
    case.trace.step(|| {
        let asked = "whether the device keeps its hub";
        let found = match (case.registration.current_hub.is_some(), kept) {
            (false, _) => "it has no hub: it is placed",
            (true, None) => "no: its hub is no longer eligible",
            (true, Some(_)) => "no: the tenant's onReprovision is replace",
        };
        step("stay", asked, found, Some(tenant_row(tenant.id)))
    });
    Ok(Movement::Place(Among {
        hubs: walls.eligible,
        reason: walls.fixed.then_some(AssignedReason::FixedHub),
        rollout: None,
        fallback: kept,
    }))
}

/// The device keeps its hub.
fn keep<'a>(
    case: &mut Case<'a, '_>,
    walls: &Walls,
    hub: HubIndex,
    rollout: Option<&'a Rollout>,
) -> Movement<'a> {
    trace_keep(case.policy, case.trace, hub, walls.eligible);
    Movement::Keep(Choice {
        hub,
        reason: AssignedReason::Stay,
        rollout,
    })
}

/// Tells that the device keeps its hub, which is one of `hubs`.
pub(super) fn trace_keep(policy: &Policy, trace: &mut Trace, hub: HubIndex, hubs: HubSet) {
    trace.step(|| {
        let found = format!("yes: {}", policy.hubs.host(hub));
        step("stay", "whether the device keeps its hub", found, None)
    });
    let chosen: HubSet = [hub].into_iter().collect();
    trace.leave_out(chosen, Verdict::Chosen, |_| {
        "the device's current hub".to_owned()
    });
    trace.leave_out(hubs.without(chosen), Verdict::NotCurrentHub, |_| {
        "the device keeps the hub that it has".to_owned()
    });
}

fn take(
    case: &mut Case<'_, '_>,
    tenant: TenantOf<'_>,
    rollout: &Rollout,
    walls: &Walls,
    current: Option<HubIndex>,
) -> Result<Taken, Stop> {
    let is_new = case.registration.current_hub.is_none();
    let on_target = current.is_some_and(|hub| rollout.to.contains(hub));
    if matches!(rollout.state, RolloutState::Aborted(_)) {
        if !(rollout.returns() && on_target) {
            return Ok(Taken::No(WhyNot::Because("it is aborted")));
        }
        return match member(case, rollout)? {
            Ok(()) => back_from(case, tenant, rollout, walls),
            Err(why_not) => Ok(Taken::No(why_not)),
        };
    }
    if !on_target {
        let why_not = match (rollout.cohort, is_new, rollout.from) {
            (Cohort::New, false, _) => Some("it selects new devices only"),
            (Cohort::Existing, true, _) => Some("it selects existing devices only"),
            (_, false, Some(from)) if !current.is_some_and(|hub| from.contains(hub)) => {
                Some("the device is on none of its `from` hubs")
            }
            _ => None,
        };
        if let Some(why_not) = why_not {
            return Ok(Taken::No(WhyNot::Because(why_not)));
        }
    }
    if let Err(why_not) = member(case, rollout)? {
        return Ok(Taken::No(why_not));
    }
    if on_target && current.is_some_and(|hub| walls.eligible.contains(hub)) {
        return Ok(Taken::Already);
    }
    let hubs = walls.eligible.and(rollout.to);
    if hubs.and(case.policy.hubs.open).is_empty() {
        let why_not =
            "the constraints leave none of its hubs open: the device is not in the rollout";
        return Ok(Taken::No(WhyNot::Because(why_not)));
    }
    Ok(Taken::To(hubs))
}

/// Whether pins, `when` and bucket make the device part of the rollout; says why not.
fn member(case: &mut Case<'_, '_>, rollout: &Rollout) -> Result<Result<(), WhyNot>, Stop> {
    let id = &case.registration.id;
    let id = id.as_str();
    if rollout.exclude.iter().any(|pattern| pattern.matches(id)) {
        return Ok(Err(WhyNot::Because("exclude names the device")));
    }
    if rollout.include.iter().any(|pattern| pattern.matches(id)) {
        return Ok(Ok(()));
    }
    let (share, frozen) = rollout.share(case.facts.now);
    let bucket = rollout.salt.bucket(id);
    if !share.contains(bucket) {
        return Ok(Err(WhyNot::Bucket(bucket, share, frozen)));
    }
    Ok(case
        .holds(rollout.when, || rollout_row(rollout))?
        .map_err(|why_not| WhyNot::Condition(why_not.into_text())))
}

/// The hubs to which an aborted rollout brings a device back that it may have moved.
///
/// Not those from which an earlier rollout brings the same device back: two such rollouts would
/// send it to and fro.
fn back_from(
    case: &mut Case<'_, '_>,
    tenant: TenantOf<'_>,
    rollout: &Rollout,
    walls: &Walls,
) -> Result<Taken, Stop> {
    let others = walls.eligible.without(rollout.to);
    let mut back = rollout.from.map_or(others, |from| others.and(from));
    let rollouts = case.policy.rollouts.of(tenant.number);
    let earlier = rollouts.take_while(|earlier| !std::ptr::eq(*earlier, rollout));
    for earlier in earlier.filter(|earlier| earlier.returns()) {
        if !back.and(earlier.to).is_empty() && member(case, earlier)?.is_ok() {
            back = back.without(earlier.to);
        }
    }
    Ok(if back.and(case.policy.hubs.open).is_empty() {
        let why_not = "it is aborted, and no hub is left to go back to";
        Taken::No(WhyNot::Because(why_not))
    } else {
        Taken::Back(back)
    })
}

fn record(case: &mut Case<'_, '_>, rollout: &Rollout, taken: &Taken) {
    let (share, _) = rollout.share(case.facts.now);
    case.trace.step(|| {
        let found = match taken {
            Taken::To(_) => format!("selects the device, at {share}"),
            Taken::Already => "the device is on one of its hubs already".to_owned(),
            Taken::Back(_) => {
                "aborted: brings the device back unless another rollout selects or keeps it"
                    .to_owned()
            }
            Taken::No(why_not) => format!("no: {why_not}"),
        };
        let row = (!matches!(taken, Taken::No(_))).then(|| rollout_row(rollout));
        step("rollout", format!("rollout {}", rollout.id), found, row)
    });
}

pub(super) fn rollout_row(rollout: &Rollout) -> RowRef {
    RowRef::new(TableName::Rollouts, &rollout.scope, &rollout.id)
}
