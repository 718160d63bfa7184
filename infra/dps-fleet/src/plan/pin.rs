//! One device on a hub of its own choice.

use dps_allocation::tables::{Canonical, Column};
use dps_allocation::{IdError, RegistrationId};
use jiff::Timestamp;

use super::error::PlanError;
use super::model::Plan;
use super::names::{hub, hubs, scope, unused};
use super::rows::rollout;
use crate::edit::Cells;

/// `move`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The registration id.
    device: String,
    /// The hub.
    pub hub: String,
    /// Of which tenant; `None`: of all.
    pub tenant: Option<String>,
    /// From this time on the device is placed again, as if it were new.
    pub until: Option<Timestamp>,
}

impl Pin {
    /// A device that is to be on a hub.
    ///
    /// # Errors
    /// When no device can have that id.
    pub fn new(device: &str, hub: String) -> Result<Self, IdError> {
        Ok(Self {
            device: RegistrationId::parse(device)?.as_str().to_owned(),
            hub,
            tenant: None,
            until: None,
        })
    }

    /// A rollout that selects the device alone; with an end, a second one that places it again.
    ///
    /// Constraints count as for every rollout: a hub that the device may not have is not given to
    /// it.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn plan(&self, tables: &Canonical, now: Timestamp) -> Result<Plan, PlanError> {
        let scope = scope(tables, self.tenant.as_deref())?;
        let to = hub(tables, &self.hub)?;
        // Ids that begin with `!` come before most others, and the first that selects decides.
        let id = format!("!move-{}", self.device);
        let Ok(id) = unused(tables, &scope, id.clone()) else {
            return Err(PlanError::Moved(scope, id));
        };
        let mut cells: Cells = vec![(Column::To.as_str(), to.clone())];
        let Some(until) = self.until else {
            cells.push((Column::Steps.as_str(), "0%".to_owned()));
            cells.push((Column::Include.as_str(), self.device.clone()));
            return Ok(Plan {
                edits: vec![rollout(&scope, id, cells)],
                notes: Vec::new(),
                ends: now,
            });
        };
        if until <= now {
            return Err(PlanError::Passed(until.to_string()));
        }
        let device = format!("registrationId == '{}'", self.device);
        let end = format!("timestamp('{until}')");
        cells.push((Column::Steps.as_str(), "100%".to_owned()));
        cells.push((Column::When.as_str(), format!("{device} && now < {end}")));
        let all: Vec<&str> = hubs(tables).map(|row| row.key()).collect();
        let back: Cells = vec![
            (Column::From.as_str(), to),
            (Column::To.as_str(), all.join(";")),
            (Column::Anew.as_str(), "true".to_owned()),
            (Column::Cohort.as_str(), "existing".to_owned()),
            (Column::Steps.as_str(), format!("{until}=100%")),
            (Column::When.as_str(), device),
        ];
        let back_id = unused(tables, &scope, format!("{id}-back"))?;
        Ok(Plan {
            edits: vec![rollout(&scope, back_id, back), rollout(&scope, id, cells)],
            notes: vec![format!(
                "from {until} on, the device is placed again as if it were new; remove both rows then"
            )],
            ends: now,
        })
    }
}
