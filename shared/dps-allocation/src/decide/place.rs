//! Steps 6 to 8: draining and tiers, latency, weights.

use super::movement::{Among, rollout_row};
use super::tenant_row;
use super::walls::wall_row;
use super::{AssignedReason, Case, Choice, Stop, TenantOf, location, refuse, rule_row, step};
use crate::decision::RefusedReason;
use crate::hubs::{HubIndex, HubSet};
use crate::policy::{Placement, Rule};
use crate::trace::Verdict;
use crate::weight::{self, Candidate};
use location::Unlocated;

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
            "the rollout moves devices to other hubs".to_owned()
        });
    let open = among.hubs.and(policy.hubs.open);
    if open.is_empty() {
        return nobody_takes_newcomers(case, tenant, among);
    }
    draining(case, among.hubs.without(open));
    let weighted = with_weight(case, open);
    let tier = lowest_tier(case, weighted);
    let (left, by_latency, placement) = match placement(tenant, rule) {
        Placement::Latency if among.reason != Some(AssignedReason::FixedHub) => {
            match location::nearest(case, tenant, tier)? {
                Some(near) => (near, true, Placement::Latency),
                None => match location::unlocated(case, tenant, tier, among)? {
                    Unlocated::Weighted => (tier, false, Placement::Weighted),
                    Unlocated::Keep(hub) => {
                        case.trace.decided_by(|| tenant_row(tenant.id));
                        return Ok(kept(case, hub, among.hubs));
                    }
                },
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
    let by_device = case.device.and_then(|device| device.hub);
    case.trace.decided_by(|| match (among.rollout, rule) {
        (Some(rollout), _) => rollout_row(rollout),
        (None, Some(rule)) if rule.placement.is_some() && by_device.is_none() => rule_row(rule),
        (None, _) => wall_row(case.registration, tenant, rule, by_device),
    });
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
    case.policy.hubs.all.without(hubs)
}

/// A device that has a hub keeps it when there is nowhere to go.
fn nobody_takes_newcomers<'a>(
    case: &mut Case<'a, '_>,
    tenant: TenantOf<'a>,
    among: &Among<'a>,
) -> Result<Choice<'a>, Stop> {
    case.trace.decided_by(|| tenant_row(tenant.id));
    let Some(hub) = among.fallback else {
        draining(case, among.hubs);
        let detail = format!("every eligible hub of tenant `{}` is draining", tenant.id);
        return Err(refuse(RefusedReason::NoEligibleHub, detail));
    };
    let policy = case.policy;
    case.trace.step(|| {
        let found = format!("none: the device keeps {}", policy.hubs.host(hub));
        step("tier", "the hubs that accept new devices", found, None)
    });
    draining(case, among.hubs);
    Ok(kept(case, hub, among.hubs))
}

/// The device keeps its hub, although it was to be placed among `hubs`.
fn kept<'a>(case: &mut Case<'_, '_>, hub: HubIndex, hubs: HubSet) -> Choice<'a> {
    case.trace.stays(hub);
    case.trace.leave_out(hubs, Verdict::NotCurrentHub, |_| {
        "the device keeps the hub that it has".to_owned()
    });
    Choice {
        hub,
        reason: AssignedReason::Stay,
        rollout: None,
    }
}

fn draining(case: &mut Case<'_, '_>, hubs: HubSet) {
    case.trace.leave_out(hubs, Verdict::Draining, |_| {
        "it accepts no new devices".to_owned()
    });
}

/// Weight 0 takes nobody, unless nothing else is left: then such hubs count as equal.
fn with_weight(case: &mut Case<'_, '_>, hubs: HubSet) -> HubSet {
    let weighted = hubs.and(case.policy.hubs.weighted);
    if weighted.is_empty() {
        return hubs;
    }
    let idle = hubs.without(weighted);
    case.trace
        .leave_out(idle, Verdict::WeightZero, |_| "its weight is 0".to_owned());
    weighted
}

/// The hubs of the lowest tier that has one left.
fn lowest_tier(case: &mut Case<'_, '_>, hubs: HubSet) -> HubSet {
    let policy = case.policy;
    let mut tiers = policy.hubs.tiers.iter();
    let Some((lowest, of_tier)) = tiers.find(|(_, of_tier)| !hubs.and(*of_tier).is_empty()) else {
        return hubs;
    };
    let left = hubs.and(*of_tier);
    let tier = |hub: HubIndex| policy.hubs.get(hub).map_or(0, |hub| hub.tier);
    case.trace
        .leave_out(hubs.without(left), Verdict::HigherTier, |hub| {
            format!("tier {}; tier {lowest} has a hub left", tier(hub))
        });
    case.trace.step(|| {
        let hosts: Vec<&str> = left.iter().map(|hub| policy.hubs.host(hub)).collect();
        let asked = "the hubs of the lowest tier that accept new devices";
        step("tier", asked, hosts.join(", "), None)
    });
    left
}

/// Static placement: the first hub in host-name order.
fn first(case: &mut Case<'_, '_>, hubs: HubSet) -> Option<HubIndex> {
    let first = hubs.iter().next()?;
    case.trace.step(|| {
        let asked = "the first of them in host-name order";
        step("weight", asked, case.policy.hubs.host(first), None)
    });
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
            order: u16::try_from(index.position()).ok()?,
        })
    });
    let drawn = HubIndex::new(usize::from(weight::pick(id_hash, candidates)?.order))?;
    let weight = |hub: HubIndex| policy.hubs.get(hub).map_or(0, |hub| hub.weight);
    case.trace.step(|| {
        let weights: Vec<String> = hubs
            .iter()
            .map(|hub| format!("{}={}", policy.hubs.host(hub), weight(hub)))
            .collect();
        let asked = format!("the weighted hash of the id over {}", weights.join(", "));
        step("weight", asked, policy.hubs.host(drawn), None)
    });
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
