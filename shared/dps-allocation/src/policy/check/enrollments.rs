//! Enrollments whose residency leaves a tenant no hub.

use super::tenants::distinct;
use crate::finding::Finding;
use crate::policy::model::{HubSet, Policy, TenantRef};
use crate::schema::{Column, TableName};
use crate::tables::Canonical;

/// Reports enrollments that leave no hub to any of their tenants, or to one that they list.
///
/// Where an enrollment allows any tenant, some of them may have no device that comes through it.
pub(super) fn check(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    if policy.hubs.all.is_empty() {
        return;
    }
    let named = rows.rows(TableName::Enrollments);
    let mut named = named
        .filter(|row| row.get(Column::Residency).is_some())
        .peekable();
    if named.peek().is_none() {
        return;
    }
    let any: Vec<TenantRef<'_>> = distinct(policy.tenants.iter()).collect();
    for row in named {
        let enrollment = policy.enrollments.row(row.key());
        let Some((enrollment, residency)) = enrollment.and_then(|it| Some((it, it.residency?)))
        else {
            continue;
        };
        let (without, are_all) = match enrollment.tenants.listed() {
            None => without_hub(any.iter().copied(), residency),
            Some(listed) => {
                let listed = listed.iter().map(|tenant| policy.tenants.get(*tenant));
                without_hub(listed, residency)
            }
        };
        let Some(tenant) = without else {
            continue;
        };
        let id = tenant.id;
        let place = row.cell(Column::Residency);
        if are_all {
            let rule = format!(
                "it leaves no hub to any tenant of the enrollment; `{id}` has none in these \
                 geographies"
            );
            let help = "name a geography in which the tenants have hubs";
            findings.push(place.error(rule, help));
        } else if enrollment.tenants.listed().is_some() {
            let rule = format!("tenant `{id}` has no hub in these geographies");
            let help = "its devices are refused: name another geography, or remove the tenant";
            findings.push(place.warning(rule, help));
        }
    }
}

/// The first of the tenants to which the residency leaves no hub, and whether it leaves none to any
/// of them. A tenant that has no hub anyway is another finding.
fn without_hub<'p>(
    tenants: impl Iterator<Item = TenantRef<'p>>,
    residency: HubSet,
) -> (Option<TenantRef<'p>>, bool) {
    let mut without = None;
    let mut are_all = true;
    for tenant in tenants {
        let hubs = tenant.settings.usable_hubs();
        if hubs.is_empty() || !hubs.and(residency).is_empty() {
            are_all = false;
        } else {
            without.get_or_insert(tenant);
        }
    }
    (without, are_all)
}
