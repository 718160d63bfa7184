//! Rollouts and rules that lead to hubs that none of their tenants may use.

use super::tenants::distinct;
use crate::finding::{Finding, Place};
use crate::policy::model::{HubSet, Policy, TenantIndex};
use crate::schema::Column;

pub(super) fn check(policy: &Policy, findings: &mut Vec<Finding>) {
    if policy.hubs.reserved.is_empty() {
        return;
    }
    let mut check = |scope, place: Place, column: Column, hubs| {
        if is_for_others(policy, scope, hubs) {
            let rule = "no tenant of the row may use its hubs: `tenants` of each names others";
            let help = "add the tenant to `tenants` of a hub, or name other hubs";
            findings.push(place.column(column.as_str()).error(rule, help));
        }
    };
    for (scope, rollouts) in policy.rollouts.groups() {
        for it in rollouts {
            check(scope, it.place(), Column::To, it.to.unwrap_or_default());
        }
    }
    for (scope, rules) in policy.rules.first.groups() {
        for it in rules {
            check(scope, it.rule.place(), Column::Hub, it.hubs.set());
        }
    }
    for (scope, rule) in policy.rules.each() {
        check(
            scope,
            rule.place(),
            Column::Pools,
            rule.pools.unwrap_or_default(),
        );
    }
}

/// Whether there are hubs, and no tenant of the scope may use one.
fn is_for_others(policy: &Policy, scope: Option<TenantIndex>, hubs: HubSet) -> bool {
    let may_use = |admitted: HubSet| !admitted.and(hubs).is_empty();
    let is_for_some = match scope {
        Some(tenant) => may_use(policy.tenants.get(tenant).settings.admitted),
        None => distinct(policy.tenants.iter()).any(|it| may_use(it.settings.admitted)),
    };
    !hubs.is_empty() && !is_for_some
}
