//! Tenants that no hub can serve.

use std::collections::HashSet;

use crate::finding::Finding;
use crate::policy::model::{HubSet, Policy, TenantIndex, TenantRef};
use crate::schema::{Column, OnReprovision, TableName};
use crate::tables::Canonical;

/// Reports tenants that no hub can serve.
///
/// Of the tenants that share their settings, only the first one is checked; those with rollouts of
/// their own are checked one by one.
pub(super) fn check(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    if policy.hubs.all.is_empty() {
        return;
    }
    let has_rollouts = |tenant: &TenantRef<'_>| policy.rollouts.has_own(tenant.index);
    let without = distinct(policy.tenants.iter().filter(|it| !has_rollouts(it)));
    for tenant in without.chain(policy.tenants.iter().filter(has_rollouts)) {
        let row = rows.find(TableName::Tenants, "tenant", tenant.id);
        let mut error = |rule: &str, help: &str| {
            findings.extend(row.map(|row| row.cell(Column::Pools).error(rule, help)));
        };
        let hubs = tenant.settings.usable_hubs();
        if tenant
            .settings
            .pools
            .and(tenant.settings.residency)
            .is_empty()
        {
            let help = "widen pools or residency, or add a hub that is in both";
            error("pools and residency together leave no hub", help);
            continue;
        }
        if hubs.is_empty() {
            let help = "add the tenant to `tenants` of a hub, or widen pools or residency";
            error("each of its hubs is for other tenants only", help);
            continue;
        }
        let targets = rollout_targets(policy, tenant.index);
        let open = hubs.and(policy.hubs.ever_open()).without(targets);
        if !open.is_empty() && open.and(policy.hubs.weighted).is_empty() {
            let help = "give at least one of the tenant's open hubs a weight";
            error("every open hub of the tenant has weight 0", help);
        }
        if hubs.without(policy.hubs.closed).is_empty() {
            let rule = "every hub of the tenant is closed";
            let help = "its devices are refused until a hub is open or draining";
            findings.extend(row.map(|row| row.place().warning(rule, help)));
        }
    }
}

/// Reports tenants that place every device at every registration; of equal ones the first.
pub(super) fn replacing(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    let replaces =
        |tenant: &TenantRef<'_>| tenant.settings.on_reprovision == OnReprovision::Replace;
    for tenant in distinct(policy.tenants.iter()).filter(replaces) {
        let row = rows.find(TableName::Tenants, "tenant", tenant.id);
        let column = Column::OnReprovision;
        let rule = "`replace` is deprecated: it places every device again at every registration, \
                    without a share or an end";
        let help = "leave the cell empty, and write a row of rollouts with `anew` true, the hubs or \
                    pools in `to`, and steps such as 100%";
        findings.extend(row.map(|row| row.cell(column).warning(rule, help)));
    }
}

/// The first tenant of each distinct settings.
pub(super) fn distinct<'p>(
    tenants: impl Iterator<Item = TenantRef<'p>>,
) -> impl Iterator<Item = TenantRef<'p>> {
    let mut seen = HashSet::new();
    tenants.filter(move |tenant| seen.insert(tenant.settings.clone()))
}

fn rollout_targets(policy: &Policy, tenant: TenantIndex) -> HubSet {
    let targets = policy.rollouts.of(tenant).filter_map(|it| it.to);
    targets.fold(HubSet::default(), HubSet::or)
}
