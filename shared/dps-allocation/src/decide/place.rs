//! Steps 6 to 8: draining and tiers, latency, weights.

use super::movement::{Among, rollout_row};
use super::tenant_row;
use super::{AssignedReason, Case, Choice, Stop, TenantOf, location, refuse, rule_row, step};
use crate::decision::RefusedReason;
use crate::hubs::{HubIndex, HubSet};
use crate::policy::{Placement, Rule};
use crate::tables::TableName;
use crate::trace::{RowRef, Verdict};
use crate::weight::{self, Candidate};

/// Chooses the hub of a device that has none, or that is moved.
pub(super) fn place<'a>(
    case: &mut Case<'a, '_>,
    tenant: TenantOf<'a>,
    rule: Option<&Rule>,
    among: &Among<'a>,
) -> Result<Choice<'a>, Stop> {
    let policy = case.policy;
    case.trace
        .leave_out(outside(case, among.hubs), Verdict::NotInRollout, |_| {
            "the rollout leads to other hubs".to_owned()
        });
    let open = among.hubs.and(policy.hubs.open);
    case.trace
        .leave_out(among.hubs.without(open), Verdict::Draining, |_| {
            "it takes no newcomers".to_owned()
        });
    if open.is_empty() {
        return nobody_takes_newcomers(case, tenant, among);
    }
    let tier = lowest_tier(case, open);
    let (left, by_latency, placement) = match placement(tenant, rule) {
        Placement::Latency if among.reason != Some(AssignedReason::FixedHub) => {
            match location::nearest(case, tenant, tier)? {
                Some(near) => (near, true, Placement::Latency),
                None => (tier, false, Placement::Weighted),
            }
        }
        placement => (tier, false, placement),
    };
    let hub = match placement {
        Placement::Static => first(case, left),
        Placement::Latency | Placement::Weighted => draw(case, tenant, left),
    };
    let Some(hub) = hub else {
        // `left` is not empty, so that one of its hubs is drawn.
        return Err(refuse(RefusedReason::NoEligibleHub, "no hub is left"));
    };
    case.trace
        .decided_by(|| deciding_row(case.registration.id.as_str(), tenant, rule, among));
    let reason = among.reason.unwrap_or(match placement {
        Placement::Static => AssignedReason::Static,
        _ if by_latency => AssignedReason::Latency,
        _ => AssignedReason::Weighted,
    });
    Ok(Choice {
        hub,
        reason,
        rollout: among.rollout,
    })
}

fn placement(tenant: TenantOf<'_>, rule: Option<&Rule>) -> Placement {
    rule.and_then(|rule| rule.placement)
        .unwrap_or(tenant.settings.placement)
}

/// The hubs that a movement leaves out; verdicts that stand already are not changed.
fn outside(case: &Case<'_, '_>, hubs: HubSet) -> HubSet {
    case.policy.hubs.all().without(hubs)
}

/// A device that has a hub keeps it when there is nowhere to go.
fn nobody_takes_newcomers<'a>(
    case: &mut Case<'a, '_>,
    tenant: TenantOf<'a>,
    among: &Among<'a>,
) -> Result<Choice<'a>, Stop> {
    case.trace.decided_by(|| tenant_row(tenant.id));
    let Some(hub) = among.fallback else {
        let detail = format!("every eligible hub of tenant `{}` is draining", tenant.id);
        return Err(refuse(RefusedReason::NoEligibleHub, detail));
    };
    let found = format!("none: the device keeps {}", case.policy.hubs.host(hub));
    case.trace
        .step(|| step("tier", "the hubs that take newcomers", found, None));
    Ok(Choice {
        hub,
        reason: AssignedReason::Stay,
        rollout: None,
    })
}

fn lowest_tier(case: &mut Case<'_, '_>, hubs: HubSet) -> HubSet {
    let policy = case.policy;
    let tier = |hub: HubIndex| policy.hubs.get(hub).map_or(0, |hub| hub.tier);
    let Some(lowest) = hubs.iter().map(tier).min() else {
        return hubs;
    };
    let left: HubSet = hubs.iter().filter(|hub| tier(*hub) == lowest).collect();
    case.trace
        .leave_out(hubs.without(left), Verdict::HigherTier, |hub| {
            format!("tier {}; tier {lowest} has a hub left", tier(hub))
        });
    left
}

/// Static placement: the first hub in host-name order that has a weight.
fn first(case: &mut Case<'_, '_>, hubs: HubSet) -> Option<HubIndex> {
    let policy = case.policy;
    let has_weight = |hub: &HubIndex| policy.hubs.get(*hub).is_some_and(|hub| hub.weight > 0);
    let first = hubs
        .iter()
        .find(has_weight)
        .or_else(|| hubs.iter().next())?;
    choose(
        case,
        hubs,
        first,
        Verdict::NotFirst,
        "another hub comes first",
    );
    Some(first)
}

/// Weighted rendezvous over what is left.
fn draw(case: &mut Case<'_, '_>, tenant: TenantOf<'_>, hubs: HubSet) -> Option<HubIndex> {
    let policy = case.policy;
    let salt = policy.salt(tenant.settings.salt)?;
    let id_hash = salt.hash(case.registration.id.as_str());
    let candidates = hubs.iter().filter_map(|index| {
        let hub = policy.hubs.get(index)?;
        Some(Candidate {
            hub_hash: hub.hash,
            weight: hub.weight,
            order: index.position() as u16,
        })
    });
    let drawn = HubIndex::new(usize::from(weight::pick(id_hash, candidates)?.order))?;
    let weight = |hub: HubIndex| policy.hubs.get(hub).map_or(0, |hub| hub.weight);
    case.trace.step(|| {
        let weights: Vec<String> = hubs
            .iter()
            .map(|hub| format!("{} {}", policy.hubs.host(hub), weight(hub)))
            .collect();
        let asked = format!("the weighted hash of the id over {}", weights.join(", "));
        step("weight", asked, policy.hubs.host(drawn), None)
    });
    if weight(drawn) > 0 {
        let idle: HubSet = hubs.iter().filter(|hub| weight(*hub) == 0).collect();
        case.trace
            .leave_out(idle, Verdict::WeightZero, |_| "its weight is 0".to_owned());
    }
    choose(
        case,
        hubs,
        drawn,
        Verdict::NotDrawn,
        "the weighted hash of the id chose another hub",
    );
    Some(drawn)
}

fn choose(
    case: &mut Case<'_, '_>,
    hubs: HubSet,
    chosen: HubIndex,
    verdict: Verdict,
    because: &str,
) {
    let set: HubSet = [chosen].into_iter().collect();
    case.trace
        .leave_out(set, Verdict::Chosen, |_| "the answer".to_owned());
    case.trace
        .leave_out(hubs.without(set), verdict, |_| because.to_owned());
}

fn deciding_row(id: &str, tenant: TenantOf<'_>, rule: Option<&Rule>, among: &Among<'_>) -> RowRef {
    match (among.rollout, rule) {
        (Some(rollout), _) => rollout_row(rollout),
        (None, Some(rule)) if rule.hub.is_some() || rule.placement.is_some() => rule_row(rule),
        (None, _) if among.reason == Some(AssignedReason::FixedHub) => {
            RowRef::new(TableName::Devices, id, "device")
        }
        (None, _) => tenant_row(tenant.id),
    }
}
