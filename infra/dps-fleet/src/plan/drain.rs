//! Emptying a hub by a date.

use dps_allocation::Policy;
use dps_allocation::tables::{Canonical, Column, TableName};
use jiff::Timestamp;

use super::error::PlanError;
use super::model::Plan;
use super::movement::Movement;
use super::names::{hub, hubs, label};
use super::rows::day;
use crate::edit::RowEdit;
use crate::rollout::Schedule;

/// `drain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    /// The hub.
    pub hub: String,
    /// When its last device is selected; it leaves at its next registration.
    pub by: Timestamp,
    /// Hubs or pools to go to; `None`: every other one that is open.
    pub to: Option<String>,
    /// Id of the new rollout; `None`: the date and the hub.
    pub id: Option<String>,
}

impl Drain {
    /// Stops new devices at once, and leads the others away evenly until the date.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn plan(
        &self,
        policy: &Policy,
        tables: &Canonical,
        now: Timestamp,
    ) -> Result<Plan, PlanError> {
        let left = hub(tables, &self.hub)?;
        if self.by <= now {
            return Err(PlanError::Passed(self.by.to_string()));
        }
        let open = hubs(tables).filter(|row| row.get(Column::State).is_none_or(|it| it == "open"));
        let others: Vec<&str> = open
            .map(|row| row.key())
            .filter(|key| *key != left)
            .collect();
        let to = self.to.clone().unwrap_or_else(|| others.join(";"));
        if to.is_empty() {
            return Err(PlanError::NowhereToGo(label(&left).to_owned()));
        }
        let id = format!("{}-drain-{}", day(now), label(&left));
        let movement = Movement {
            id: Some(self.id.clone().unwrap_or(id)),
            tenant: None,
            from: left.clone(),
            to,
            schedule: Schedule::until(now, self.by)?,
        };
        let mut plan = movement.plan(policy, tables, now)?;
        // A draining hub holds nobody, so whatever comes first lets its devices go.
        plan.notes.clear();
        plan.edits.insert(0, draining(tables, &left));
        Ok(plan)
    }
}

fn draining(tables: &Canonical, hub: &str) -> RowEdit {
    let row = tables.find(TableName::Hubs, "hub", hub);
    let is_set = |column: &Column| row.is_some_and(|row| row.get(*column).is_some());
    let window = [Column::Begins, Column::Ends].into_iter().filter(is_set);
    let state = (Column::State.as_str(), "draining".to_owned());
    let cleared = window.map(|column| (column.as_str(), String::new()));
    RowEdit {
        table: TableName::Hubs,
        partition: "hub".to_owned(),
        row: hub.to_owned(),
        new: false,
        cells: [state].into_iter().chain(cleared).collect(),
    }
}
