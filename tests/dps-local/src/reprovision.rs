//! What registering again does to a device, by the policy of its enrollment.

use crate::enrollment::ReprovisionPolicy;
use crate::hub_name::HubName;
use crate::registration::Substatus;

/// What happens to the device on its hubs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It is created, with the initial twin.
    Created,
    /// It stays on its hub, with its twin.
    Stays,
    /// It moves with its twin.
    Migrates,
    /// It moves, and its twin is replaced by the initial one.
    Resets,
}

impl Effect {
    /// `current` is the hub of the device, `None` at its first assignment.
    pub(crate) fn of(
        current: Option<&HubName>,
        chosen: &HubName,
        policy: ReprovisionPolicy,
    ) -> Self {
        match current {
            None => Self::Created,
            Some(current) if current.key() == chosen.key() => Self::Stays,
            Some(_) if policy.migrate_device_data => Self::Migrates,
            Some(_) => Self::Resets,
        }
    }

    pub(crate) fn substatus(self) -> Substatus {
        match self {
            Self::Created => Substatus::InitialAssignment,
            Self::Stays => Substatus::ReprovisionedToInitialAssignment,
            Self::Migrates => Substatus::DeviceDataMigrated,
            Self::Resets => Substatus::DeviceDataReset,
        }
    }
}
