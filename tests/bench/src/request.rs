//! The allocation request as its documentation lists it, borrowed from the body.
//!
//! One member for each member that `dps_allocation::wire` names, in the type that the service API
//! gives it, by serde's derive alone.

use serde::Deserialize;
use serde_json::value::RawValue;

/// What DPS posts.
///
/// A string with an escape in it can't be borrowed and fails, but for the etag; DPS sends none.
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

/// Either enrollment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the members are the service API's")]
pub struct Enrollment<'body> {
    pub enrollment_group_id: Option<&'body str>,
    pub registration_id: Option<&'body str>,
    pub device_id: Option<&'body str>,
    #[serde(borrow)]
    pub optional_device_information: Option<&'body RawValue>,
    #[serde(borrow)]
    pub attestation: Option<Attestation<'body>>,
    pub capabilities: Option<Capabilities>,
    pub iot_hub_host_name: Option<&'body str>,
    #[serde(borrow)]
    pub initial_twin: Option<&'body RawValue>,
    #[serde(borrow)]
    pub etag: Option<&'body RawValue>,
    pub provisioning_status: Option<&'body str>,
    pub reprovision_policy: Option<ReprovisionPolicy>,
    pub created_date_time_utc: Option<&'body str>,
    pub last_updated_date_time_utc: Option<&'body str>,
    pub allocation_policy: Option<&'body str>,
    pub iot_hubs: Option<Vec<&'body str>>,
    #[serde(borrow)]
    pub custom_allocation_definition: Option<CustomAllocationDefinition<'body>>,
    #[serde(borrow)]
    pub registration_state: Option<&'body RawValue>,
    pub credential_policy_name: Option<&'body str>,
}

/// How the devices of an enrollment prove who they are.
#[derive(Debug, Deserialize)]
pub struct Attestation<'body> {
    /// `x509`, `symmetricKey` or `tpm`.
    pub r#type: &'body str,
    /// The certificates' description.
    #[serde(borrow)]
    pub x509: Option<&'body RawValue>,
    /// The endorsement key.
    #[serde(borrow)]
    pub tpm: Option<&'body RawValue>,
}

/// What the device is capable of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// Whether it is an IoT Edge device.
    pub iot_edge: Option<bool>,
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

/// This webhook, as the enrollment names it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomAllocationDefinition<'body> {
    /// With a redacted query.
    pub webhook_url: &'body str,
    /// Of the enrollment's types.
    pub api_version: &'body str,
}

/// The device, as DPS has authenticated it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceRuntimeContext<'body> {
    /// The id the device registers with.
    pub registration_id: &'body str,
    /// The hub of an earlier registration.
    pub current_iot_hub_host_name: Option<&'body str>,
    /// The device id on that hub.
    pub current_device_id: Option<&'body str>,
    /// Present for X.509 attestation.
    pub x509: Option<X509<'body>>,
    /// Present for symmetric key attestation, and empty.
    #[serde(borrow)]
    pub symmetric_key: Option<&'body RawValue>,
    /// Present for TPM attestation.
    #[serde(borrow)]
    pub tpm: Option<&'body RawValue>,
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
