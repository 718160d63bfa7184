//! Steps 6 to 8: draining and tiers, latency, weights.

use super::applied::Applied;
use super::context::{Choice, ChosenHub, Context, Unassigned, refuse};
use super::location::{self, Located};
use super::movement::{self, Eligible};
use super::rows::{constraint_row, rollout_row, rule_row, step, tenant_row};
use crate::decision::{AssignedReason, RefusedReason};
use crate::explanation::Verdict;
use crate::hash::weight::{self, Candidate};
use crate::policy::{HubIndex, HubSet, TenantRef};
use crate::schema::Placement;

/// Chooses the hub of a device that has none, or that is moved.
pub(super) fn place<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
    rules: &Applied<'_>,
    eligible: &Eligible<'a>,
) -> Result<Choice<'a>, Unassigned> {
    let policy = context.policy;
    let outside = policy.hubs.all.without(eligible.hubs);
    context.trace.exclude(outside, Verdict::NotInRollout, |_| {
        "the rollout moves devices to other hubs".to_owned()
    });
    let open = eligible.hubs.and(context.open);
    if open.is_empty() {
        return no_new_devices(context, tenant, eligible);
    }
    draining(context, eligible.hubs.without(open));
    let by_rule = rules.placement();
    let placement = by_rule.map_or(tenant.settings.placement, |(placement, _)| placement);
    let listed = tenant.settings.hubs.set();
    let has_list = placement == Placement::Static && !listed.is_empty();
    let by_list = has_list && !open.and(listed).is_empty();
    // A rollout or a fixed hub may lead to hubs outside the list.
    if has_list && !by_list && eligible.reason.is_none() {
        return no_listed_hub(context, tenant, eligible);
    }
    let tier = if by_list {
        open
    } else {
        let weighted = with_weight(context, open);
        lowest_tier(context, weighted)
    };
    let is_fixed = eligible.reason == Some(AssignedReason::FixedHub);
    let (hub, reason) = match placement {
        Placement::Latency if !is_fixed => {
            match location::locate(context, tenant, tier, eligible)? {
                Located::Near(near) => (draw(context, tenant, near)?, AssignedReason::Latency),
                Located::Unknown => (draw(context, tenant, tier)?, AssignedReason::Weighted),
                Located::Keep(hub) => {
                    let rollout = eligible.rollout;
                    let row = || rollout.map_or_else(|| tenant_row(tenant.id), rollout_row);
                    context.trace.decided_by(row);
                    return Ok(keep(context, hub, eligible));
                }
            }
        }
        Placement::Latency | Placement::Weighted => {
            (draw(context, tenant, tier)?, AssignedReason::Weighted)
        }
        Placement::Static if by_list => {
            (first_listed(context, tenant, open), AssignedReason::Static)
        }
        Placement::Static => (first(context, tier), AssignedReason::Static),
    };
    let Some(hub) = hub else {
        // A tier with an open hub is never empty.
        return Err(refuse(RefusedReason::NoEligibleHub, "no hub is left"));
    };
    let by_device = context.device.is_some_and(|device| !device.hubs.is_empty());
    context
        .trace
        .decided_by(|| match (eligible.rollout, by_rule) {
            (Some(rollout), _) => rollout_row(rollout),
            (None, Some((_, rule))) if !by_device => rule_row(rule),
            (None, _) => {
                let enrollment = (context.enrollment_key, context.enrollment);
                let device = context.device.as_ref();
                constraint_row(context.registration, tenant.id, rules, device, enrollment)
            }
        });
    // A rollout that places devices again may choose the hub that the device has.
    let reason = match eligible.reason {
        Some(AssignedReason::Rollout) if eligible.is_fallback(hub) => AssignedReason::Stay,
        Some(reason) => reason,
        None => reason,
    };
    Ok(Choice {
        hub: ChosenHub::Listed(hub),
        reason,
        rollout: eligible.rollout,
    })
}

/// No hub accepts new devices: a device that has an eligible hub keeps it.
fn no_new_devices<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
    eligible: &Eligible<'a>,
) -> Result<Choice<'a>, Unassigned> {
    context.trace.decided_by(|| tenant_row(tenant.id));
    let Some(hub) = eligible.fallback else {
        draining(context, eligible.hubs);
        let detail = format!("every eligible hub of tenant `{}` is draining", tenant.id);
        return Err(refuse(RefusedReason::NoEligibleHub, detail));
    };
    let host = hub.host(context.policy);
    context.trace.step(|| {
        let found = format!("none: the device keeps {host}");
        step("tier", "the hubs that accept new devices", found, None)
    });
    draining(context, eligible.hubs);
    Ok(keep(context, hub, eligible))
}

/// None of the hubs that the tenant lists can be used: a device that has an eligible hub keeps it.
fn no_listed_hub<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
    eligible: &Eligible<'a>,
) -> Result<Choice<'a>, Unassigned> {
    context.trace.decided_by(|| tenant_row(tenant.id));
    let policy = context.policy;
    context.trace.step(|| {
        let found = match eligible.fallback {
            Some(hub) => format!("none: the device keeps {}", hub.host(policy)),
            None => "none".to_owned(),
        };
        step("weight", LISTED, found, Some(tenant_row(tenant.id)))
    });
    let Some(hub) = eligible.fallback else {
        not_first(context, eligible.hubs);
        let detail = format!(
            "none of the hubs that tenant `{}` lists for static placement is open and eligible",
            tenant.id
        );
        return Err(refuse(RefusedReason::NoEligibleHub, detail));
    };
    Ok(keep(context, hub, eligible))
}

/// The device would have been placed, and keeps its hub.
fn keep<'a>(
    context: &mut Context<'_, '_>,
    hub: ChosenHub<'a>,
    eligible: &Eligible<'a>,
) -> Choice<'a> {
    if let ChosenHub::Listed(hub) = hub {
        context.trace.stays(hub);
    }
    movement::exclude_others(context.trace, eligible.hubs);
    Choice {
        hub,
        reason: hub.stay_reason(),
        rollout: eligible.rollout,
    }
}

fn draining(context: &mut Context<'_, '_>, hubs: HubSet) {
    context.trace.exclude(hubs, Verdict::Draining, |_| {
        "it accepts no new devices".to_owned()
    });
}

/// Excludes hubs of weight 0, unless no others are left: then they count as equal.
fn with_weight(context: &mut Context<'_, '_>, hubs: HubSet) -> HubSet {
    let weighted = hubs.and(context.policy.hubs.weighted);
    if weighted.is_empty() {
        return hubs;
    }
    let without = hubs.without(weighted);
    context.trace.exclude(without, Verdict::WeightZero, |_| {
        "its weight is 0".to_owned()
    });
    weighted
}

/// The hubs of the lowest tier that has one left.
fn lowest_tier(context: &mut Context<'_, '_>, hubs: HubSet) -> HubSet {
    let policy = context.policy;
    let mut tiers = policy.hubs.tiers.iter();
    let Some((lowest, of_tier)) = tiers.find(|(_, of_tier)| !hubs.and(*of_tier).is_empty()) else {
        return hubs;
    };
    let left = hubs.and(*of_tier);
    context
        .trace
        .exclude(hubs.without(left), Verdict::HigherTier, |hub| {
            let tier = policy.hubs.get(hub).tier;
            format!("tier {tier}; tier {lowest} has a hub left")
        });
    context.trace.step(|| {
        let asked = "the hubs of the lowest tier that accept new devices";
        step("tier", asked, policy.hubs.list(left), None)
    });
    left
}

/// The question of static placement if the tenant lists hubs.
const LISTED: &str = "the first open hub of those that the tenant lists";

/// Static placement: the first open hub of those that the tenant lists.
fn first_listed(
    context: &mut Context<'_, '_>,
    tenant: TenantRef<'_>,
    open: HubSet,
) -> Option<HubIndex> {
    let policy = context.policy;
    let mut listed = tenant.settings.hubs.iter();
    let first = listed.find(|hub| open.contains(*hub))?;
    context.trace.step(|| {
        let host = policy.hubs.host(first);
        step("weight", LISTED, host, Some(tenant_row(tenant.id)))
    });
    context.trace.choose(first, "the answer");
    not_first(context, open);
    Some(first)
}

fn not_first(context: &mut Context<'_, '_>, hubs: HubSet) {
    context.trace.exclude(hubs, Verdict::NotFirst, |_| {
        "it is not the first open one of the hubs that the tenant lists".to_owned()
    });
}

/// Static placement without a list: the first hub in host-name order.
fn first(context: &mut Context<'_, '_>, hubs: HubSet) -> Option<HubIndex> {
    let policy = context.policy;
    let first = hubs.iter().next()?;
    context.trace.step(|| {
        let asked = "the first of them in host-name order";
        step("weight", asked, policy.hubs.host(first), None)
    });
    context.trace.choose(first, "the answer");
    context.trace.exclude(hubs, Verdict::NotFirst, |_| {
        "another hub comes first".to_owned()
    });
    Some(first)
}

/// Picks one of the remaining hubs by weighted rendezvous.
fn draw(
    context: &mut Context<'_, '_>,
    tenant: TenantRef<'_>,
    hubs: HubSet,
) -> Result<Option<HubIndex>, Unassigned> {
    let policy = context.policy;
    let candidates = hubs.iter().map(|index| {
        let hub = policy.hubs.get(index);
        Candidate {
            hub_hash: hub.hash,
            weight: hub.weight,
            order: index.order(),
        }
    });
    let drawn = context.drawn(tenant, hubs, |hash| {
        let picked = weight::pick(hash, candidates)?;
        HubIndex::new(usize::from(picked.order))
    })?;
    let Some(drawn) = drawn else {
        return Ok(None);
    };
    let hashed = context.hash_input_name();
    context.trace.step(|| {
        let weight = |hub| format!("{}={}", policy.hubs.host(hub), policy.hubs.get(hub).weight);
        let weights: Vec<String> = hubs.iter().map(weight).collect();
        let asked = format!("the weighted hash of {hashed} over {}", weights.join(", "));
        step("weight", asked, policy.hubs.host(drawn), None)
    });
    context.trace.choose(drawn, "the answer");
    context.trace.exclude(hubs, Verdict::NotDrawn, |_| {
        format!("the weighted hash of {hashed} chose another hub")
    });
    Ok(Some(drawn))
}
