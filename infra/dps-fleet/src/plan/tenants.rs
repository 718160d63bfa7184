//! Which hubs a tenant may use.

use dps_allocation::tables::{Canonical, CanonicalRow, Column, TableName};

use super::error::PlanError;
use super::names::{items, label};

/// Refuses hubs of which a tenant of the scope may use some and not others; says who is placed in
/// another way than by weight.
pub(super) fn check(
    tables: &Canonical,
    scope: &str,
    hubs: &[String],
) -> Result<Vec<String>, PlanError> {
    let tenants = tables.rows(TableName::Tenants);
    let mut notes = Vec::new();
    for tenant in tenants.filter(|tenant| scope == "*" || tenant.key() == scope) {
        let may_use = |hub: &String| {
            let row = tables.find(TableName::Hubs, "hub", hub);
            row.is_some_and(|row| may_use(tenant, row))
        };
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
    let uses = |tenant: CanonicalRow<'_>, hub: &String| {
        let row = tables.find(TableName::Hubs, "hub", hub);
        row.is_some_and(|row| may_use(tenant, row))
    };
    let tenants = tables.rows(TableName::Tenants);
    let mut tenants = tenants.filter(|tenant| {
        let is_meant = scope == "*" || tenant.key() == scope;
        is_meant && hubs.iter().any(|hub| uses(*tenant, hub))
    });
    tenants.all(|tenant| others.iter().any(|row| may_use(tenant, *row)))
}

/// By pools and residency; `tenants` of a hub is left to the engine.
fn may_use(tenant: CanonicalRow<'_>, hub: CanonicalRow<'_>) -> bool {
    let (pools, residency) = (tenant.get(Column::Pools), tenant.get(Column::Residency));
    let has = |column: Column, item: &str| items(hub.get(column)).any(|it| it == item);
    let in_pool = pools.is_none() || items(pools).any(|pool| has(Column::Pools, pool));
    let inside = residency.is_none() || items(residency).any(|area| has(Column::Geography, area));
    in_pool && inside
}
