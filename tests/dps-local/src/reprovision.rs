//! What registering again does to a device, by the policy of its enrollment.

use crate::enrollment::ReprovisionPolicy;
use crate::hub_name::HubName;
use crate::registration::Substatus;

/// What becomes of the device on its hubs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It is created, with the initial twin.
    Created,
    /// It stays where it is, and its twin as it is.
    Stays,
    /// It moves with its twin.
    Migrates,
    /// It moves, and begins again with the initial twin.
    Resets,
}

impl Effect {
    /// `current` is the hub of the device, none at its first assignment.
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
