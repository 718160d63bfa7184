//! A rollout from some hubs to others.

use dps_allocation::Policy;
use dps_allocation::tables::Canonical;
use jiff::Timestamp;

use super::error::PlanError;
use super::model::Plan;
use super::names::{hubs_or_pools, label, scope, unused};
use super::rows::{day, keepers, movement, rollout};
use crate::rollout::{Schedule, full};

/// `rollout plan`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Id of the new rollout; `None`: the date and the hub.
    pub id: Option<String>,
    /// Of which tenant; `None`: of all.
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
        let first = from_hubs.first().map_or("", |hub| label(hub));
        let id = self.id.clone();
        let id = id.unwrap_or_else(|| format!("{}-from-{first}", day(begins)));
        let id = unused(tables, &scope, id)?;
        let steps = self.schedule.cells(begins, full(), full())?;
        let cells = movement(from, to, steps);
        let notes = keepers(policy, &scope, &id, &from_hubs);
        Ok(Plan {
            edits: vec![rollout(&scope, id, cells)],
            notes,
            ends: self.schedule.ends(begins)?,
        })
    }
}
