//! The part of an allocation request that a decision needs, borrowed from the body.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

/// A request, as far as an allocation depends on it.
///
/// A string with an escape in it can't be borrowed and fails; DPS sends none in these fields.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllocationRequest<'body> {
    /// Absent when the device came through a group.
    #[serde(borrow)]
    pub individual_enrollment: Option<Enrollment<'body>>,
    /// Absent when the device has an enrollment of its own.
    pub enrollment_group: Option<Enrollment<'body>>,
    /// Who asks, and how it proved that.
    pub device_runtime_context: DeviceRuntimeContext<'body>,
    /// Host names the answer must be one of; at most 50.
    pub linked_hubs: Vec<&'body str>,
}

/// Either enrollment: its id and what it says about twins and moves.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enrollment<'body> {
    /// The id of a group.
    pub enrollment_group_id: Option<&'body str>,
    /// The id of an individual enrollment.
    pub registration_id: Option<&'body str>,
    /// Only whether there is one.
    pub initial_twin: Option<IgnoredAny>,
    /// What happens when the hub changes.
    pub reprovision_policy: Option<ReprovisionPolicy>,
}

/// Whether a device may move, and with its data.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReprovisionPolicy {
    /// Whether another hub may be assigned.
    pub update_hub_assignment: bool,
    /// Whether the twin moves along.
    pub migrate_device_data: bool,
}

/// The device, as DPS has authenticated it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceRuntimeContext<'body> {
    /// The id the device registers with.
    pub registration_id: &'body str,
    /// The hub of an earlier registration.
    pub current_iot_hub_host_name: Option<&'body str>,
    /// Present for X.509 attestation.
    pub x509: Option<X509<'body>>,
    /// What the device sent along, not parsed.
    #[serde(borrow)]
    pub payload: Option<&'body RawValue>,
}

/// The certificate the device presented.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct X509<'body> {
    /// The leaf, DER in base64.
    pub client_certificate: &'body str,
}
