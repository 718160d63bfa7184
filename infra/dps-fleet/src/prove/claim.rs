//! What can be claimed.

use dps_allocation::tables::TableName;

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
    /// The claim about the tenant, the enrollment or the hub that the tables name so; a hub also by
    /// its first label.
    ///
    /// # Errors
    /// [`PlanError`] when no table names it.
    pub fn named_in(self, sides: &[Side<'_>]) -> Result<Self, PlanError> {
        let has = |table: TableName, partition: &str, key: &str| {
            let mut found = sides
                .iter()
                .map(|side| side.rows.find(table, partition, key));
            found.any(|row| row.is_some())
        };
        match &self {
            Self::OnlyTenant(tenant) => {
                let id = tenant.to_lowercase();
                if has(TableName::Tenants, "tenant", &id) {
                    Ok(Self::OnlyTenant(id))
                } else {
                    Err(PlanError::UnknownTenant(tenant.clone()))
                }
            }
            Self::Same(enrollment) => {
                let id = enrollment.to_lowercase();
                if has(TableName::Enrollments, "enrollment", &id) {
                    Ok(Self::Same(id))
                } else {
                    Err(PlanError::UnknownEnrollment(enrollment.clone()))
                }
            }
            Self::NoNewDevices(word) => match sides.last() {
                Some(side) => Ok(Self::NoNewDevices(hub(&side.rows, word)?)),
                None => Ok(self),
            },
            Self::Constraints => Ok(self),
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
