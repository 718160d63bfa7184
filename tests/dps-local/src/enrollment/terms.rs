//! What individual enrollments and groups have in common.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::attestation::Attestation;
use crate::etag::Etag;
use crate::hub_name::HubName;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Terms {
    pub(crate) attestation: Attestation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) capabilities: Option<Capabilities>,
    /// The hub of `static`, in old enrollments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iot_hub_host_name: Option<HubName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) initial_twin: Option<InitialTwin>,
    /// Set by the service.
    #[serde(default = "Etag::new")]
    pub(crate) etag: Etag,
    #[serde(default)]
    pub(crate) provisioning_status: ProvisioningStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reprovision_policy: Option<ReprovisionPolicy>,
    /// Set by the service.
    #[serde(default)]
    pub(crate) created_date_time_utc: String,
    /// Set by the service.
    #[serde(default)]
    pub(crate) last_updated_date_time_utc: String,
    #[serde(default)]
    pub(crate) allocation_policy: AllocationPolicy,
    /// All linked hubs if none or empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iot_hubs: Option<Vec<HubName>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custom_allocation_definition: Option<CustomAllocation>,
    /// Members that this service does not know.
    #[serde(flatten)]
    pub(crate) other: Map<String, Value>,
}

impl Terms {
    /// By which certificates are issued for devices, under its name of 2026-11-01 or of the preview before.
    pub(crate) fn issuing_policy(&self) -> Option<&str> {
        let names = ["certificatePolicyName", "credentialPolicyName"].into_iter();
        let mut policies = names.filter_map(|name| self.other.get(name)?.as_str());
        policies.find(|policy| !policy.is_empty())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Capabilities {
    #[serde(default)]
    pub(crate) iot_edge: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ProvisioningStatus {
    #[default]
    Enabled,
    Disabled,
}

/// What happens to a device that registers again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReprovisionPolicy {
    /// Whether it may get another hub.
    #[serde(default = "yes")]
    pub(crate) update_hub_assignment: bool,
    /// Whether its twin goes with it.
    #[serde(default = "yes")]
    pub(crate) migrate_device_data: bool,
}

impl Default for ReprovisionPolicy {
    fn default() -> Self {
        Self {
            update_hub_assignment: true,
            migrate_device_data: true,
        }
    }
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum AllocationPolicy {
    /// Evenly weighted.
    #[default]
    Hashed,
    /// Lowest latency.
    GeoLatency,
    Static,
    Custom,
}

/// How the webhook is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomAllocation {
    /// With the function key. Not checked before it is used, as in DPS.
    pub(crate) webhook_url: String,
    pub(crate) api_version: String,
}

/// `TwinState` of the service API, and of the webhook's answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct InitialTwin {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tags: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) properties: Option<InitialProperties>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct InitialProperties {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) desired: Option<Map<String, Value>>,
}
