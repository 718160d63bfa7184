//! Enrollments, as the service API writes them.
//!
//! Members that this service does not know are kept and written back.

mod attestation;
mod terms;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use attestation::{Attestation, TpmKeys, Trusted, without_secrets};
pub(crate) use terms::{
    AllocationPolicy, CustomAllocation, InitialTwin, ProvisioningStatus, ReprovisionPolicy, Terms,
};

use crate::id::{DeviceId, RegistrationId};

/// The enrollment of one device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Individual {
    pub(crate) registration_id: RegistrationId,
    /// The registration id if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device_id: Option<DeviceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) optional_device_information: Option<Value>,
    #[serde(flatten)]
    pub(crate) terms: Terms,
}

/// The enrollment of all devices that can attest alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    pub(crate) enrollment_group_id: RegistrationId,
    #[serde(flatten)]
    pub(crate) terms: Terms,
}
