//! Hubs and pools as people name them.

use dps_allocation::tables::{Canonical, CanonicalRow, Column, TableName};
use dps_allocation::{HubName, nearest};

use super::error::PlanError;

/// The rows of `hubs`.
pub(super) fn hubs(tables: &Canonical) -> impl Iterator<Item = CanonicalRow<'_>> {
    tables.rows(TableName::Hubs)
}

/// The items of a canonical list.
pub(super) fn items(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.into_iter()
        .flat_map(|list| list.split([';', ',']))
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

/// The key of a hub by its host name, or the first label of it.
///
/// # Errors
/// [`PlanError`] when there is none, or there are several.
pub(crate) fn hub(tables: &Canonical, word: &str) -> Result<String, PlanError> {
    let folded = HubName::fold(word).into_owned();
    let exact = |row: &CanonicalRow<'_>| HubName::fold(row.key()) == *folded;
    if let Some(row) = hubs(tables).find(exact) {
        return Ok(row.key().to_owned());
    }
    let named = hubs(tables).filter(|row| label(row.key()).eq_ignore_ascii_case(word));
    match &*named.collect::<Vec<_>>() {
        [one] => Ok(one.key().to_owned()),
        [] => {
            let labels: Vec<&str> = hubs(tables).map(|row| label(row.key())).collect();
            let meant = nearest(word, labels.iter().copied());
            let meant = meant.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
            Err(PlanError::UnknownHub(word.to_owned(), meant))
        }
        _ => Err(PlanError::Ambiguous(word.to_owned())),
    }
}

/// A list of hubs and pools: the cell that says it, and the keys of the hubs.
pub(super) fn hubs_or_pools(
    tables: &Canonical,
    list: &str,
) -> Result<(String, Vec<String>), PlanError> {
    let (mut words, mut keys) = (Vec::new(), Vec::new());
    for word in items(Some(list)) {
        let in_pool = |row: &CanonicalRow<'_>| {
            items(row.get(Column::Pools)).any(|pool| pool.eq_ignore_ascii_case(word))
        };
        let of_pool: Vec<String> = hubs(tables)
            .filter(in_pool)
            .map(|row| row.key().to_owned())
            .collect();
        if of_pool.is_empty() {
            let key = hub(tables, word).map_err(|error| match error {
                PlanError::UnknownHub(word, meant) => PlanError::UnknownHubOrPool(word, meant),
                other => other,
            })?;
            words.push(key.clone());
            keys.push(key);
        } else {
            words.push(word.to_owned());
            keys.extend(of_pool);
        }
    }
    Ok((words.join(";"), keys))
}

/// The first label of a host name, which is what people say.
pub(super) fn label(host: &str) -> &str {
    host.split('.').next().unwrap_or(host)
}

/// The scope of rows for a tenant, or for all.
pub(super) fn scope(tables: &Canonical, tenant: Option<&str>) -> Result<String, PlanError> {
    let Some(tenant) = tenant.filter(|tenant| *tenant != "*") else {
        return Ok("*".to_owned());
    };
    let id = tenant.to_lowercase();
    match tables.find(TableName::Tenants, "tenant", &id) {
        Some(row) => Ok(row.key().to_owned()),
        None => Err(PlanError::UnknownTenant(tenant.to_owned())),
    }
}

/// Refuses an id that a rollout has.
pub(super) fn unused(tables: &Canonical, scope: &str, id: String) -> Result<String, PlanError> {
    match tables.find(TableName::Rollouts, scope, &id) {
        None => Ok(id),
        Some(_) => Err(PlanError::Taken(id)),
    }
}
