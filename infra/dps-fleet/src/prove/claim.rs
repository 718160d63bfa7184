//! What can be claimed.

use super::side::Side;
use crate::plan::{PlanError, hub};

/// A statement about every device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The last side gives no device of a tenant a hub outside of what the pools, residencies and
    /// hubs of the first side allow it.
    Constraints,
    /// Both sides decide alike for every device of another tenant than this.
    OnlyTenant(String),
    /// Both sides decide alike for every device of this enrollment.
    Same(String),
    /// The side gives no device this hub unless it has it.
    NoNewDevices(String),
}

impl Claim {
    /// The claim about the tenant or the hub that the tables name so; a hub also by its first label.
    ///
    /// # Errors
    /// [`PlanError`] when no table names it.
    pub fn named_in(self, sides: &[Side<'_>]) -> Result<Self, PlanError> {
        let Self::NoNewDevices(word) = &self else {
            return Ok(self);
        };
        match sides.last() {
            Some(side) => Ok(Self::NoNewDevices(hub(&side.rows, word)?)),
            None => Ok(self),
        }
    }

    /// The claim in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Constraints => "no tenant leaves its constraints".to_owned(),
            Self::OnlyTenant(tenant) => format!("the edit changes only tenant {tenant}"),
            Self::Same(enrollment) => {
                format!("both decide alike for every device of enrollment {enrollment}")
            }
            Self::NoNewDevices(hub) => format!("{hub} gets no new device"),
        }
    }
}
