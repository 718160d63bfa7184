//! Rollouts that lead devices out of the geographies that their tenant allows.

use super::tenants::{distinct, hubs_of};
use crate::finding::Finding;
use crate::policy::model::{HubSet, Policy, Rollout, TenantSettings};
use crate::schema::Column;

pub(super) fn check(policy: &Policy, findings: &mut Vec<Finding>) {
    for (scope, rollouts) in policy.rollouts.groups() {
        for rollout in rollouts {
            let Some(to) = rollout.to else { continue };
            let crossing = match scope {
                Some(tenant) => {
                    let tenant = policy.tenants.get(tenant);
                    let outside = to.without(tenant.settings.residency);
                    (!outside.is_empty()).then_some(tenant)
                }
                None => distinct(policy.tenants.iter())
                    .find(|tenant| crosses(policy, tenant.settings, rollout, to)),
            };
            if let Some(tenant) = crossing {
                let rule = format!(
                    "it moves devices of tenant `{}` across its residency",
                    tenant.id
                );
                let help = "name hubs of the same geography in `to`, or limit `from`";
                let place = rollout.place().column(Column::To.as_str());
                findings.push(place.error(rule, help));
            }
        }
    }
}

/// Whether a rollout for all selects devices of a tenant and offers them no hub in its residency.
fn crosses(policy: &Policy, tenant: &TenantSettings, rollout: &Rollout, to: HubSet) -> bool {
    let hubs = hubs_of(tenant);
    let leaves = rollout.from.is_none_or(|from| !from.and(hubs).is_empty());
    leaves && tenant.residency != policy.hubs.all && to.and(tenant.residency).is_empty()
}
