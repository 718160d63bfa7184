//! The hubs to which rows lead devices.

use crate::finding::Place;
use crate::policy::model::{HubSet, Policy, TenantIndex};
use crate::schema::Column;

/// Each cell of a rollout or rule that names hubs, with the tenant that the row is for.
pub(super) fn destinations(
    policy: &Policy,
) -> impl Iterator<Item = (Option<TenantIndex>, Place, HubSet)> {
    let rollouts = policy.rollouts.each().filter_map(|(scope, it)| {
        let place = it.place().column(Column::To);
        it.to.map(|to| (scope, place, to))
    });
    let fixed = policy.rules.first.each().map(|(scope, it)| {
        let place = it.rule.place().column(Column::Hub);
        (scope, place, it.hubs.set())
    });
    let pools = policy.rules.each().filter_map(|(scope, it)| {
        let place = it.place().column(Column::Pools);
        it.pools.map(|pools| (scope, place, pools))
    });
    rollouts.chain(fixed).chain(pools)
}
