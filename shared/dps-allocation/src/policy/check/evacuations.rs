//! Rollouts that bring devices back to a hub that a later one empties while it drains for a time.

use jiff::Timestamp;

use crate::finding::Finding;
use crate::policy::model::{HubIndex, HubSet, Policy, Rollout};
use crate::schema::{Cohort, Column};

pub(super) fn check(policy: &Policy, findings: &mut Vec<Finding>) {
    let of_all = policy.rollouts.groups().find(|(scope, _)| scope.is_none());
    let of_all = of_all.map_or(&[][..], |(_, rollouts)| rollouts);
    for (scope, rollouts) in policy.rollouts.groups() {
        let behind = if scope.is_some() { of_all } else { &[] };
        for (at, earlier) in rollouts.iter().enumerate() {
            let later = rollouts.iter().skip(at + 1).chain(behind);
            findings.extend(undoing(policy, earlier, &later));
        }
    }
}

/// The finding about a rollout that undoes, when a hub is open again, what a later one did.
fn undoing<'p>(
    policy: &'p Policy,
    earlier: &Rollout,
    later: &(impl Iterator<Item = &'p Rollout> + Clone),
) -> Option<Finding> {
    let to = moves(earlier).filter(|_| earlier.anew.is_none())?;
    let mut drained = policy.hubs.drains().filter(|(_, hub)| to.contains(*hub));
    let (hub, later) = drained.find_map(|(at, hub)| {
        let mut later = later.clone();
        let later = later.find(|later| empties(policy, later, earlier, to, hub, at))?;
        Some((policy.hubs.host(hub), later))
    })?;
    let rule = format!(
        "rollout `{}` empties {hub} while it drains for a time: devices leave it then, and this rollout \
         brings them back when that ends",
        later.id
    );
    let help = format!(
        "name in `from` no hub of `{}`, or let {hub} drain without `begins` and `ends`",
        later.id
    );
    Some(earlier.place().column(Column::To).warning(rule, help))
}

/// Where a rollout moves devices that have a hub.
fn moves(rollout: &Rollout) -> Option<HubSet> {
    let moves = !rollout.is_aborted() && rollout.cohort != Cohort::New;
    rollout.to.filter(|_| moves)
}

/// Whether the later rollout takes devices at that time from the hub to others, from which the
/// earlier one would take them. While the earlier one has another open hub, it leads them there.
fn empties(
    policy: &Policy,
    later: &Rollout,
    earlier: &Rollout,
    to: HubSet,
    hub: HubIndex,
    at: Timestamp,
) -> bool {
    let open = policy.hubs.open_at(at);
    let Some(others) = moves(later).filter(|others| !others.contains(hub)) else {
        return false;
    };
    let reached = others.and(open);
    later.from.is_none_or(|from| from.contains(hub))
        && to.and(open).is_empty()
        && !earlier
            .from
            .map_or(reached, |from| reached.and(from))
            .is_empty()
}
