//! Rollouts that lead devices out of the geographies that their tenant allows, and rollouts that move
//! nobody.

use super::placement::uses_latency;
use super::tenants::distinct;
use crate::finding::Finding;
use crate::policy::model::{HubSet, Policy, Rollout, TenantIndex, TenantSettings};
use crate::schema::{Cohort, Column};

pub(super) fn check(policy: &Policy, findings: &mut Vec<Finding>) {
    for (scope, rollout) in policy.rollouts.each() {
        let Some(to) = rollout.to else { continue };
        let crossing = crossing(policy, scope, rollout, to);
        let found = crossing.or_else(|| moving_nobody(policy, scope, rollout, to));
        findings.extend(found);
        findings.extend(bringing_nobody_back(policy, rollout, to));
        findings.extend(moving_twice(policy, rollout, to));
    }
}

/// Reports `minGainMs` where no device is placed by latency.
pub(super) fn idle_gains(policy: &Policy, findings: &mut Vec<Finding>) {
    let rollouts = policy.rollouts.each();
    findings.extend(rollouts.filter_map(|(scope, it)| idle_gain(policy, scope, it)));
}

/// A rollout that leads devices out of the residency of their tenant.
fn crossing(
    policy: &Policy,
    scope: Option<TenantIndex>,
    rollout: &Rollout,
    to: HubSet,
) -> Option<Finding> {
    let crossing = match scope {
        Some(tenant) => {
            let tenant = policy.tenants.get(tenant);
            let outside = to.without(tenant.settings.residency);
            (!outside.is_empty()).then_some(tenant)
        }
        None => distinct(policy.tenants.iter())
            .find(|tenant| crosses(policy, tenant.settings, rollout, to)),
    };
    let rule = format!(
        "it moves devices of tenant `{}` across its residency",
        crossing?.id
    );
    let help = "name hubs of the same geography in `to`, or limit `from`";
    Some(rollout.place().column(Column::To).error(rule, help))
}

/// Whether a rollout for all selects devices of a tenant and offers them no hub in its residency.
fn crosses(policy: &Policy, tenant: &TenantSettings, rollout: &Rollout, to: HubSet) -> bool {
    let hubs = tenant.usable_hubs();
    let leaves = rollout.from.is_none_or(|from| !from.and(hubs).is_empty());
    leaves && tenant.residency != policy.hubs.all && to.and(tenant.residency).is_empty()
}

/// A rollout that finds every device on one of its hubs already.
fn moving_nobody(
    policy: &Policy,
    scope: Option<TenantIndex>,
    rollout: &Rollout,
    to: HubSet,
) -> Option<Finding> {
    if rollout.anew.is_some() || rollout.is_aborted() || rollout.cohort == Cohort::New {
        return None;
    }
    let (left, which) = match (rollout.from, scope) {
        (Some(from), _) => (from, "`to` has every hub of `from`"),
        (None, Some(tenant)) => {
            let hubs = policy.tenants.get(tenant).settings.usable_hubs();
            (hubs, "`to` has every hub of the tenant")
        }
        (None, None) => (policy.hubs.all, "`to` has every hub"),
    };
    if !covers(to, left, rollout) {
        return None;
    }
    let rule = format!("it moves no device that has a hub: {which}");
    let help = match rollout.twin {
        None => "set `anew` to place these devices again, or name other hubs in `to`",
        Some(_) => {
            "leave `to` empty to add only the twin, or set `anew` to place the devices again"
        }
    };
    Some(rollout.place().column(Column::To).warning(rule, help))
}

/// Whether `to` has every hub that the rollout empties. A fleet of one hub is not reported.
fn covers(to: HubSet, left: HubSet, rollout: &Rollout) -> bool {
    let is_choice = rollout.from.is_some() || left.iter().nth(1).is_some();
    is_choice && !left.is_empty() && left.without(to).is_empty()
}

/// A rollout whose devices have nowhere to go back to.
fn bringing_nobody_back(policy: &Policy, rollout: &Rollout, to: HubSet) -> Option<Finding> {
    let left = rollout.from.unwrap_or(policy.hubs.all);
    if !rollout.brings_back || !covers(to, left, rollout) {
        return None;
    }
    let rule = "it brings no device back: every hub that it empties is in `to`";
    let help = "to undo it, write a rollout of its own, or empty the cell";
    Some(rollout.place().column(Column::Return).warning(rule, help))
}

/// A rollout that places devices again whenever a hub drains for a time, and once more afterwards.
fn moving_twice(policy: &Policy, rollout: &Rollout, to: HubSet) -> Option<Finding> {
    let timed = to.and(policy.hubs.timed());
    let places = rollout.anew.is_some() && !rollout.is_aborted() && rollout.cohort != Cohort::New;
    if !places || to.without(timed).is_empty() {
        return None;
    }
    let hub = policy.hubs.host(timed.iter().next()?);
    let rule = format!(
        "{hub} drains for a time: with `anew`, devices leave it when that begins and come back when it ends"
    );
    let help = "take the hub out of `to`, or let it drain without `begins` and `ends`";
    Some(rollout.place().column(Column::Anew).warning(rule, help))
}

/// `minGainMs` where no device is placed by latency.
fn idle_gain(policy: &Policy, scope: Option<TenantIndex>, rollout: &Rollout) -> Option<Finding> {
    rollout.anew?.min_gain_ms?;
    if uses_latency(policy, scope) {
        return None;
    }
    let rule = "minGainMs counts only with placement latency, which no tenant of the rollout has";
    let help = "set placement to latency, or empty the cell";
    Some(
        rollout
            .place()
            .column(Column::MinGainMs)
            .warning(rule, help),
    )
}
