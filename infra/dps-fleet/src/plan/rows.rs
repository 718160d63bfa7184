//! The rows that plans add.

use dps_allocation::tables::{Column, TableName};
use dps_allocation::{HubName, Policy, RolloutState};
use jiff::Timestamp;

use crate::edit::{Cells, RowEdit};

/// The date, which ids begin with.
pub(super) fn day(time: Timestamp) -> String {
    let day = time.to_string();
    day.get(..10).unwrap_or_default().to_owned()
}

/// A new row of `rollouts`.
pub(super) fn rollout(scope: &str, id: String, cells: Cells) -> RowEdit {
    RowEdit {
        table: TableName::Rollouts,
        partition: scope.to_owned(),
        row: id,
        new: true,
        cells,
    }
}

/// The cells of a row that leads devices from hubs to others.
pub(super) fn movement(from: String, to: String, schedule: [(&'static str, String); 2]) -> Cells {
    let mut cells: Cells = vec![
        (Column::From.as_str(), from),
        (Column::To.as_str(), to),
        (Column::Cohort.as_str(), "existing".to_owned()),
    ];
    cells.extend(schedule);
    cells
}

/// The rollouts that are asked before, and that keep devices on a hub that is to be left.
pub(super) fn keepers(policy: &Policy, scope: &str, id: &str, from: &[String]) -> Vec<String> {
    let is_before =
        |of: &str, other: &str| (of == scope && other < id) || (scope == "*" && of != scope);
    let keepers = policy.rollouts().filter(|it| {
        let leads_there = it.to().is_some_and(|to| {
            let mut to = to.iter();
            to.any(|hub| from.iter().any(|left| HubName::fold(left) == **hub))
        });
        let is_aborted = matches!(it.state(), RolloutState::Aborted(_));
        leads_there && !is_aborted && is_before(it.scope(), it.id())
    });
    keepers
        .map(|it| {
            format!(
                "rollout {}/{} comes first and keeps its devices where they are; `rollout stop {}` \
                 releases them and moves nobody",
                it.scope(),
                it.id(),
                it.id()
            )
        })
        .collect()
}
