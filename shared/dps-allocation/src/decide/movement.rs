//! Steps 4 and 5: a device keeps its hub unless a rollout, the tenant or a constraint moves it.

use super::constraints::Constrained;
use super::context::{Choice, ChosenHub, Context, Unassigned};
use super::evacuation::Held;
use super::rollout::{self, Selection};
use super::rows::{rollout_row, step, tenant_row};
use crate::decision::AssignedReason;
use crate::explanation::Verdict;
use crate::policy::{HubIndex, HubSet, Policy, Rollout, TenantRef};
use crate::schema::OnReprovision;
use crate::trace::Trace;

/// Whether the device keeps its hub or is placed.
pub(super) enum Movement<'a> {
    Stay(Choice<'a>),
    Place(Eligible<'a>),
}

/// The hubs among which a device is placed, and what led to them.
pub(super) struct Eligible<'a> {
    pub(super) hubs: HubSet,
    /// The reason of the decision; none if placement gives it.
    pub(super) reason: Option<AssignedReason>,
    pub(super) rollout: Option<&'a Rollout>,
    /// The current hub, if it is eligible or has no row: the device keeps it if no hub accepts new
    /// devices.
    pub(super) fallback: Option<ChosenHub<'a>>,
    /// With placement `latency`: how much a move must gain.
    pub(super) gain: Option<Gain>,
}

impl Eligible<'_> {
    /// Whether the device has this hub, which is eligible.
    pub(super) fn is_fallback(&self, hub: HubIndex) -> bool {
        matches!(self.fallback, Some(ChosenHub::Listed(kept)) if kept == hub)
    }
}

/// A device on an open hub moves only to hubs that are this much nearer.
#[derive(Clone, Copy)]
pub(super) struct Gain {
    /// The hub that the device has.
    pub(super) over: HubIndex,
    pub(super) min_ms: u16,
}

impl Gain {
    /// What the rollout asks for. Nothing has to be gained over a hub that is not open.
    fn of(rollout: &Rollout, kept: Option<HubIndex>, open: HubSet) -> Option<Self> {
        Some(Self {
            min_ms: rollout.anew?.min_gain_ms?,
            over: kept.filter(|hub| open.contains(*hub))?,
        })
    }
}

pub(super) fn stay_or_place<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
    constrained: &Constrained<'a>,
    current: Option<HubIndex>,
) -> Result<Movement<'a>, Unassigned> {
    let policy = context.policy;
    let eligible = constrained.eligible;
    let kept = current.filter(|hub| eligible.contains(*hub));
    let open = eligible.and(context.open);
    let unlisted = constrained.unlisted.map(ChosenHub::Unlisted);
    let fallback = kept.map(ChosenHub::Listed).or(unlisted);
    let place = |hubs, reason, rollout: &'a Rollout| {
        Movement::Place(Eligible {
            hubs,
            reason: Some(reason),
            rollout: Some(rollout),
            fallback,
            gain: Gain::of(rollout, kept, open),
        })
    };
    // A rollout that selects the device or keeps it where it is comes before any that brings it
    // back: otherwise the two would send it back and forth.
    let mut back = None;
    let mut held: Option<Held<'_>> = None;
    for rollout in policy.rollouts.of(tenant.index) {
        let Some(to) = rollout.to else { continue };
        let selection = rollout::select(context, tenant, rollout, to, eligible, current)?;
        rollout::trace(context, rollout, &selection);
        match selection {
            Selection::To(hubs) => {
                let (hubs, rollout) = match held {
                    Some(held) => held.destination(context, hubs, rollout, open),
                    None => (hubs, rollout),
                };
                return Ok(place(hubs, AssignedReason::Rollout, rollout));
            }
            Selection::Back(hubs) => back = back.or(Some((hubs, rollout))),
            Selection::OnTarget(hub) => {
                context.trace.decided_by(|| rollout_row(rollout));
                return Ok(stay(
                    context,
                    eligible,
                    ChosenHub::Listed(hub),
                    Some(rollout),
                ));
            }
            Selection::Held(hub) => {
                let held = held.get_or_insert_with(|| Held::new(rollout, hub));
                held.add(rollout, to, open);
            }
            Selection::No(_) => {}
        }
    }
    if let Some(held) = held {
        context.trace.decided_by(|| rollout_row(held.by));
        return Ok(stay(
            context,
            eligible,
            ChosenHub::Listed(held.on),
            Some(held.by),
        ));
    }
    if let Some((hubs, rollout)) = back {
        return Ok(place(hubs, AssignedReason::RolloutReturn, rollout));
    }
    let replaces = tenant.settings.on_reprovision == OnReprovision::Replace;
    if let Some(hub) = fallback.filter(|_| !replaces) {
        context.trace.decided_by(|| tenant_row(tenant.id));
        return Ok(stay(context, eligible, hub, None));
    }
    context.trace.step(|| {
        let asked = "whether the device keeps its hub";
        let has_hub = context.registration.current_hub.is_some();
        let found = match (has_hub, fallback.is_some()) {
            (false, _) => "it has no hub: it is placed",
            (true, false) => "no: its hub is no longer eligible",
            (true, true) => "no: the tenant's onReprovision is replace",
        };
        step("stay", asked, found, Some(tenant_row(tenant.id)))
    });
    Ok(Movement::Place(Eligible {
        hubs: eligible,
        reason: constrained.is_fixed.then_some(AssignedReason::FixedHub),
        rollout: None,
        fallback,
        gain: None,
    }))
}

fn stay<'a>(
    context: &mut Context<'a, '_>,
    eligible: HubSet,
    hub: ChosenHub<'a>,
    rollout: Option<&'a Rollout>,
) -> Movement<'a> {
    trace_stay(context.policy, context.trace, eligible, hub);
    let reason = hub.stay_reason();
    Movement::Stay(Choice {
        hub,
        reason,
        rollout,
    })
}

/// Records that the device keeps its hub, so that no other one of `hubs` is chosen.
pub(super) fn trace_stay(policy: &Policy, trace: &mut Trace, hubs: HubSet, hub: ChosenHub<'_>) {
    let remark = match hub {
        ChosenHub::Listed(hub) => {
            trace.choose(hub, "the device's current hub");
            ""
        }
        ChosenHub::Unlisted(_) => ", which has no row in hubs",
    };
    trace.step(|| {
        let found = format!("yes: {}{remark}", hub.host(policy));
        step("stay", "whether the device keeps its hub", found, None)
    });
    exclude_others(trace, hubs);
}

pub(super) fn exclude_others(trace: &mut Trace, hubs: HubSet) {
    trace.exclude(hubs, Verdict::NotCurrentHub, |_| {
        "the device keeps the hub that it has".to_owned()
    });
}
