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

/// The hubs among which a device is placed, and why these.
pub(super) struct Eligible<'a> {
    pub(super) hubs: HubSet,
    /// Set where the movement itself is the reason.
    pub(super) reason: Option<AssignedReason>,
    pub(super) rollout: Option<&'a Rollout>,
    /// The current hub, if it is eligible or has no row: the device keeps it if no hub accepts new
    /// devices.
    pub(super) fallback: Option<ChosenHub<'a>>,
    /// What a hub must gain the device, with placement `latency`.
    pub(super) gain: Option<Gain>,
}

impl Eligible<'_> {
    /// Whether the device has this hub, which is eligible.
    pub(super) fn is_fallback(&self, hub: HubIndex) -> bool {
        matches!(self.fallback, Some(ChosenHub::Listed(kept)) if kept == hub)
    }
}

/// By how much nearer than an open hub that the device has another one must be.
#[derive(Clone, Copy)]
pub(super) struct Gain {
    pub(super) than: HubIndex,
    pub(super) min_ms: u16,
}

impl Gain {
    /// What the rollout asks for. A hub that is not open accepts no new devices, so it holds none.
    fn of(rollout: &Rollout, kept: Option<HubIndex>, open: HubSet) -> Option<Self> {
        Some(Self {
            min_ms: rollout.anew?.min_gain_ms?,
            than: kept.filter(|hub| open.contains(*hub))?,
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
    let kept = current.filter(|hub| constrained.eligible.contains(*hub));
    let open = constrained.eligible.and(context.open);
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
    // back: otherwise the two would send it to and fro.
    let mut back = None;
    let mut held: Option<Held<'_>> = None;
    for rollout in policy.rollouts.of(tenant.index) {
        let Some(to) = rollout.to else { continue };
        let eligible = constrained.eligible;
        let selection = rollout::select(context, tenant, rollout, to, eligible, current)?;
        rollout::trace(context, rollout, &selection);
        match (selection, kept) {
            (Selection::To(hubs), _) => {
                let (hubs, rollout) = match held {
                    Some(held) => held.taken(context, rollout, hubs, open),
                    None => (hubs, rollout),
                };
                return Ok(place(hubs, AssignedReason::Rollout, rollout));
            }
            (Selection::Back(hubs), _) => back = back.or(Some((hubs, rollout))),
            (Selection::OnTarget, Some(hub)) => {
                context.trace.decided_by(|| rollout_row(rollout));
                return Ok(stay(context, constrained, hub, Some(rollout)));
            }
            (Selection::Held, _) => held = Some(Held::by(held, rollout, to, open)),
            (Selection::OnTarget, None) | (Selection::No(_), _) => {}
        }
    }
    if let (Some(held), Some(hub)) = (held, kept) {
        context.trace.decided_by(|| rollout_row(held.by));
        return Ok(stay(context, constrained, hub, Some(held.by)));
    }
    if let Some((hubs, rollout)) = back {
        return Ok(place(hubs, AssignedReason::RolloutReturn, rollout));
    }
    let replaces = tenant.settings.on_reprovision == OnReprovision::Replace;
    if let Some(hub) = kept.filter(|_| !replaces) {
        context.trace.decided_by(|| tenant_row(tenant.id));
        return Ok(stay(context, constrained, hub, None));
    }
    if let Some(hub) = constrained.unlisted.filter(|_| !replaces) {
        return Ok(stay_unlisted(context, tenant, constrained.eligible, hub));
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
        hubs: constrained.eligible,
        reason: constrained.is_fixed.then_some(AssignedReason::FixedHub),
        rollout: None,
        fallback,
        gain: None,
    }))
}

/// The device keeps its hub, which has no row, as if that were draining.
fn stay_unlisted<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
    eligible: HubSet,
    hub: &'a str,
) -> Movement<'a> {
    context.trace.decided_by(|| tenant_row(tenant.id));
    trace_stay_unlisted(context.trace, hub, eligible);
    Movement::Stay(Choice {
        hub: ChosenHub::Unlisted(hub),
        reason: AssignedReason::StayUnlisted,
        rollout: None,
    })
}

fn stay<'a>(
    context: &mut Context<'a, '_>,
    constrained: &Constrained<'_>,
    hub: HubIndex,
    rollout: Option<&'a Rollout>,
) -> Movement<'a> {
    trace_stay(context.policy, context.trace, hub, constrained.eligible);
    Movement::Stay(Choice {
        hub: ChosenHub::Listed(hub),
        reason: AssignedReason::Stay,
        rollout,
    })
}

/// Records that the device keeps its hub, which is one of `hubs`.
pub(super) fn trace_stay(policy: &Policy, trace: &mut Trace, hub: HubIndex, hubs: HubSet) {
    trace.step(|| {
        let found = format!("yes: {}", policy.hubs.host(hub));
        step("stay", "whether the device keeps its hub", found, None)
    });
    trace.choose(hub, "the device's current hub");
    trace.exclude(hubs, Verdict::NotCurrentHub, |_| {
        "the device keeps the hub that it has".to_owned()
    });
}

/// Records that the device keeps its hub, which has no row, and so none of `hubs`.
pub(super) fn trace_stay_unlisted(trace: &mut Trace, hub: &str, hubs: HubSet) {
    trace.step(|| {
        let found = format!("yes: {hub}, which has no row in hubs");
        step("stay", "whether the device keeps its hub", found, None)
    });
    trace.exclude(hubs, Verdict::NotCurrentHub, |_| {
        "the device keeps the hub that it has".to_owned()
    });
}
