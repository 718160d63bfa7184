//! Which hubs a tenant may use.

use dps_allocation::Policy;
use dps_allocation::tables::{Canonical, CanonicalRow, Column, TableName};

use super::error::PlanError;
use super::names::label;

/// Refuses hubs of which a tenant of the scope may use some and not others; says who is placed in
/// another way than by weight.
pub(super) fn check(
    policy: &Policy,
    tables: &Canonical,
    scope: &str,
    hubs: &[String],
) -> Result<Vec<String>, PlanError> {
    let tenants = tables.rows(TableName::Tenants);
    let mut notes = Vec::new();
    for tenant in tenants.filter(|tenant| scope == "*" || tenant.key() == scope) {
        let may_use = |hub: &String| policy.may_use(tenant.key(), hub);
        let used = hubs.iter().filter(|hub| may_use(hub)).count();
        if used == 0 && scope == "*" {
            continue;
        }
        if let Some(other) = hubs.iter().find(|hub| !may_use(hub)) {
            return Err(PlanError::Uneven {
                tenant: tenant.key().to_owned(),
                hub: label(other).to_owned(),
            });
        }
        let placement = tenant.get(Column::Placement).unwrap_or("weighted");
        if placement != "weighted" {
            notes.push(format!(
                "tenant {} is placed by {placement}, and this moves its devices by weight",
                tenant.key()
            ));
        }
    }
    Ok(notes)
}

/// Whether each tenant that may use the hubs has another one, for new devices too.
pub(super) fn have_others(
    policy: &Policy,
    tables: &Canonical,
    scope: &str,
    hubs: &[String],
    has_weight: impl Fn(&str) -> bool,
) -> bool {
    let is_open = |row: &CanonicalRow<'_>| row.get(Column::State).is_none_or(|it| it == "open");
    let others = tables.rows(TableName::Hubs).filter(|row| {
        let is_named = hubs.iter().any(|hub| hub == row.key());
        !is_named && is_open(row) && has_weight(row.key())
    });
    let others: Vec<CanonicalRow<'_>> = others.collect();
    let tenants = tables.rows(TableName::Tenants);
    let mut tenants = tenants.filter(|tenant| {
        let is_meant = scope == "*" || tenant.key() == scope;
        is_meant && hubs.iter().any(|hub| policy.may_use(tenant.key(), hub))
    });
    tenants.all(|tenant| {
        let mut others = others.iter();
        others.any(|row| policy.may_use(tenant.key(), row.key()))
    })
}
