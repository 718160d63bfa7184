//! Rollouts and rules that lead to hubs that none of their tenants may use.

use super::destinations::destinations;
use super::tenants::distinct;
use crate::finding::Finding;
use crate::policy::model::{HubSet, Policy, TenantIndex};

pub(super) fn check(policy: &Policy, findings: &mut Vec<Finding>) {
    if policy.hubs.reserved.is_empty() {
        return;
    }
    for (scope, place, hubs) in destinations(policy) {
        if is_for_others(policy, scope, hubs) {
            let rule = "no tenant of the row may use its hubs: `tenants` of each names others";
            let help = "add the tenant to `tenants` of a hub, or name other hubs";
            findings.push(place.error(rule, help));
        }
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
