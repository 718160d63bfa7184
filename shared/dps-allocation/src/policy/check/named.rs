//! Names that stand in expressions, where these give a hub, a tenant or a group.

use crate::expression::Expression;
use crate::finding::Finding;
use crate::id::claimed_tenant;
use crate::nearest::did_you_mean;
use crate::policy::model::Policy;
use crate::schema::{Column, TableName};
use crate::tables::Canonical;

/// Hubs that `hubFrom` of a rule can give and that have no row.
pub(super) fn hubs(policy: &Policy, findings: &mut Vec<Finding>) {
    for (_, first) in policy.rules.first.each() {
        let texts = first.hub_from.as_deref().map(Expression::texts);
        for host in texts.unwrap_or_default() {
            if policy.hubs.find(host.trim()).is_some() {
                continue;
            }
            let rule = format!("hub `{host}` is not in the hubs table: it fixes no hub");
            let meant = did_you_mean(host, policy.hubs.hosts());
            let help = format!("{meant}add the hub or correct its host name");
            findings.push(
                first
                    .rule
                    .place()
                    .column(Column::HubFrom)
                    .warning(rule, help),
            );
        }
    }
}

/// Tenants that `tenantFrom` of an enrollment can give and that the enrollment does not allow.
pub(super) fn tenants(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    for row in rows.rows(TableName::Enrollments) {
        let Some(enrollment) = policy.enrollments.row(row.key()) else {
            continue;
        };
        let texts = enrollment.tenant_from.as_deref().map(Expression::texts);
        for text in texts.unwrap_or_default() {
            let id = claimed_tenant(text);
            let (rule, help) = match policy.tenants.find(&id) {
                Some(tenant) if enrollment.tenants.allows(tenant.index) => continue,
                Some(_) => (
                    format!("`tenants` of the enrollment does not list tenant `{id}`"),
                    "its devices are refused: add the tenant to `tenants`, or give another one"
                        .to_owned(),
                ),
                None => {
                    let meant = did_you_mean(&id, policy.tenants.ids());
                    (
                        format!("tenant `{id}` is not in the tenants table"),
                        format!("{meant}its devices are refused: add the tenant or correct its id"),
                    )
                }
            };
            findings.push(row.cell(Column::TenantFrom).warning(rule, help));
        }
    }
}

/// A `groupFrom` that puts all devices of a tenant into one group.
pub(super) fn groups(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    for row in rows.rows(TableName::Tenants) {
        let tenant = policy.tenants.find(row.key());
        let group = tenant.and_then(|tenant| tenant.settings.group_from.as_deref());
        if group.is_some_and(Expression::is_constant) {
            let rule = "it is the same for every device: the whole tenant is one group, on one hub";
            let help = "read something of the device, such as `payload.gateway`, or empty the cell";
            findings.push(row.cell(Column::GroupFrom).warning(rule, help));
        }
    }
}
