//! IoT hubs as DPS sees them: what is linked, and the devices that it has registered there.

mod device;
mod twin;

pub(crate) use device::{Authentication, Device, DeviceStatus, device_key};
pub(crate) use twin::{Twin, TwinTooLarge};

use serde::{Deserialize, Serialize};

use crate::hub_name::HubName;
use crate::key::SymmetricKey;

/// A hub that is linked to the service, with the members of ARM's `iotHubs`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkedHub {
    /// As the link names it; what `linkedHubs` says.
    pub(crate) name: HubName,
    /// Region; known to the operator only.
    #[serde(default)]
    pub(crate) location: String,
    /// 1 to 1000, for evenly weighted distribution.
    #[serde(default = "usual_weight")]
    pub(crate) allocation_weight: u32,
    /// Whether the allocation policies of enrollments that name no hubs may choose it.
    #[serde(default = "yes")]
    pub(crate) apply_allocation_policy: bool,
    /// Latency of devices to this hub, by the start of their registration id; the longest that fits counts.
    #[serde(default)]
    pub(crate) latency_milliseconds: std::collections::BTreeMap<String, u32>,
    /// Of the hub's shared access policy `iothubowner`.
    #[serde(default = "SymmetricKey::random")]
    pub(crate) owner_key: SymmetricKey,
}

fn usual_weight() -> u32 {
    1
}

fn yes() -> bool {
    true
}
