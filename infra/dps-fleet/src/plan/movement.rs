//! A rollout from some hubs to others.

use dps_allocation::bucket::Share;
use dps_allocation::tables::{Canonical, Column, TableName};
use dps_allocation::{Policy, RolloutState};
use jiff::Timestamp;

use super::error::PlanError;
use super::model::Plan;
use super::names::{hubs_or_pools, label, scope, unused};
use crate::edit::{Cells, RowEdit};
use crate::rollout::Schedule;

/// `rollout plan`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Id of the new rollout; none: the date and the hub.
    pub id: Option<String>,
    /// Of which tenant; none: of all.
    pub tenant: Option<String>,
    /// Hubs or pools that devices leave.
    pub from: String,
    /// Hubs or pools that they go to.
    pub to: String,
    /// When which share.
    pub schedule: Schedule,
}

impl Movement {
    /// The row, and what would be in its way.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn plan(
        &self,
        policy: &Policy,
        tables: &Canonical,
        begins: Timestamp,
    ) -> Result<Plan, PlanError> {
        let scope = scope(tables, self.tenant.as_deref())?;
        let (from, from_hubs) = hubs_or_pools(tables, &self.from)?;
        let (to, to_hubs) = hubs_or_pools(tables, &self.to)?;
        if let Some(both) = from_hubs.iter().find(|hub| to_hubs.contains(hub)) {
            return Err(PlanError::Both(label(both).to_owned()));
        }
        let day = begins.to_string();
        let day = day.get(..10).unwrap_or_default();
        let first = from_hubs.first().map_or("", |hub| label(hub));
        let id = self
            .id
            .clone()
            .unwrap_or_else(|| format!("{day}-from-{first}"));
        let id = unused(tables, &scope, id)?;
        let mut cells: Cells = vec![
            (Column::From.as_str(), from),
            (Column::To.as_str(), to),
            (Column::Cohort.as_str(), "existing".to_owned()),
        ];
        cells.extend(self.schedule.cells(begins, full(), full())?);
        let notes = keepers(policy, &scope, &id, &from_hubs);
        Ok(Plan {
            edits: vec![rollout(&scope, id, cells)],
            notes,
        })
    }
}

/// All devices.
pub(super) fn full() -> Share {
    Share::from_units(100_000).unwrap_or_default()
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

/// The rollouts that are asked before, and that keep devices on a hub that is to be left.
pub(super) fn keepers(policy: &Policy, scope: &str, id: &str, from: &[String]) -> Vec<String> {
    let is_before =
        |of: &str, other: &str| (of == scope && other < id) || (scope == "*" && of != scope);
    let keepers = policy.rollouts().filter(|it| {
        let leads_there = it.to().is_some_and(|to| {
            let mut to = to.iter();
            to.any(|hub| {
                from.iter()
                    .any(|left| dps_allocation::HubName::fold(left) == **hub)
            })
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
