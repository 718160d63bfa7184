//! Which hubs placement `static` names.

use super::tenants::distinct;
use crate::finding::Finding;
use crate::policy::model::{Policy, TenantIndex, TenantRef};
use crate::schema::{Column, Placement, TableName};
use crate::tables::Canonical;

/// Reports static placement that names no hub, and hubs that no placement or no device can use.
///
/// Of the tenants that share their settings, only the first one is reported.
pub(super) fn check(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    for tenant in distinct(policy.tenants.iter()) {
        let Some(row) = rows.find(TableName::Tenants, "tenant", tenant.id) else {
            continue;
        };
        if row.has_invalid(Column::Hub) || row.has_invalid(Column::Placement) {
            continue;
        }
        let hubs = tenant.settings.hubs;
        let finding = match (is_static(policy, tenant), hubs.is_empty()) {
            (true, true) => {
                let rule = "static placement without `hub` is the first host name that is left, and a new \
                            row of hubs can change it";
                let help = "write the host name in `hub`, and those that take its place after it";
                row.cell(Column::Hub).warning(rule, help)
            }
            (false, false) => {
                let rule =
                    "`hub` has no effect: neither the tenant nor a rule says placement static";
                let help = "set placement to static, or leave the cell empty; a rule with `hub` binds \
                            devices to a hub";
                row.cell(Column::Hub).warning(rule, help)
            }
            (true, false) if hubs.set().and(tenant.settings.usable_hubs()).is_empty() => {
                let inside = tenant.settings.pools.and(tenant.settings.residency);
                let (rule, help) = if hubs.set().and(inside).is_empty() {
                    let rule = "none of these hubs is in the tenant's pools and residency";
                    (rule, "name a hub that the tenant may use")
                } else {
                    let rule = "each of these hubs in the tenant's pools and residency is for other tenants only";
                    let help =
                        "add the tenant to `tenants` of one, or name a hub that the tenant may use";
                    (rule, help)
                };
                row.cell(Column::Hub).error(rule, help)
            }
            _ => continue,
        };
        findings.push(finding);
    }
}

/// Whether a tenant of the scope, or any rule, says placement latency.
pub(super) fn uses_latency(policy: &Policy, scope: Option<TenantIndex>) -> bool {
    let by_latency = |tenant: TenantRef<'_>| tenant.settings.placement == Placement::Latency;
    let mut rules = policy.rules.first.each();
    rules.any(|(_, rule)| rule.placement == Some(Placement::Latency))
        || match scope {
            Some(tenant) => by_latency(policy.tenants.get(tenant)),
            None => distinct(policy.tenants.iter()).any(by_latency),
        }
}

/// Whether the tenant, or a rule that applies to it, says placement static.
fn is_static(policy: &Policy, tenant: TenantRef<'_>) -> bool {
    let mut rules = policy.rules.first.of(tenant.index);
    tenant.settings.placement == Placement::Static
        || rules.any(|rule| rule.placement == Some(Placement::Static))
}
