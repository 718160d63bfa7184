//! The JSON of the custom allocation webhook, field for field.
//!
//! Source: <https://learn.microsoft.com/azure/iot-dps/concepts-custom-allocation> and the
//! enrollment types of the DPS service API, 2018-09-01-preview to 2026-11-02-preview.
//! Reading is tolerant: members that no decision needs are ignored, `null` is absent. Members that
//! few decisions need stay raw JSON, so that a change of their form cannot fail a registration. No
//! type here has a member `csr`, wherever a request holds one: what is not read is never logged.

mod text;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::document::Document;

pub use text::Text;

/// What DPS posts to the webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct AllocationRequest<'a> {
    /// The individual enrollment that the device came through.
    #[serde(borrow, default)]
    pub individual_enrollment: Option<EnrollmentRecord<'a>>,
    /// The enrollment group that the device came through.
    #[serde(borrow, default)]
    pub enrollment_group: Option<EnrollmentRecord<'a>>,
    /// The device, as DPS knows it now.
    #[serde(borrow)]
    pub device_runtime_context: DeviceRuntimeContext<'a>,
    /// The hubs that DPS accepts as an answer; at most 50, in the operator's spelling.
    #[serde(borrow, deserialize_with = "text::list")]
    pub linked_hubs: Vec<Text<'a>>,
}

/// The device, as DPS knows it now.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct DeviceRuntimeContext<'a> {
    /// The registration id, in the device's spelling.
    #[serde(borrow)]
    pub registration_id: Text<'a>,
    /// The hub that the device is assigned to; only on re-registration.
    #[serde(borrow, default)]
    pub current_iot_hub_host_name: Option<Text<'a>>,
    /// The same member, as some revisions of the documentation spell it.
    #[serde(borrow, default, rename = "currentIoTHubHostName")]
    pub current_iot_hub_host_name_as_documented: Option<Text<'a>>,
    /// Present with X.509 attestation.
    #[serde(borrow, default)]
    pub x509: Option<X509DeviceAttestation<'a>>,
    /// Present with symmetric key attestation; DPS strips the keys.
    #[serde(borrow, default)]
    pub symmetric_key: Option<&'a RawValue>,
    /// Present with TPM attestation: endorsement key and storage root key.
    #[serde(borrow, default)]
    pub tpm: Option<&'a RawValue>,
    /// What the device sent along: documented as an object, seen as any JSON value.
    #[serde(borrow, default)]
    pub payload: Option<&'a RawValue>,
}

/// The client certificate of an X.509 registration.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct X509DeviceAttestation<'a> {
    /// The leaf: base64 of DER, or of PEM.
    #[serde(borrow, default)]
    pub client_certificate: Option<Text<'a>>,
}

/// An individual enrollment or an enrollment group, as embedded in the request.
///
/// The two records differ in few members, and the key that holds the record tells them apart.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct EnrollmentRecord<'a> {
    /// Individual enrollments: the registration id that the enrollment is for.
    #[serde(borrow, default)]
    pub registration_id: Option<Text<'a>>,
    /// Groups: the id of the group.
    #[serde(borrow, default)]
    pub enrollment_group_id: Option<Text<'a>>,
    /// Individual enrollments: the device id on the hub, where it differs.
    #[serde(borrow, default)]
    pub device_id: Option<&'a RawValue>,
    /// `{type, tpm?, x509?, symmetricKey?}`; keys are stripped.
    #[serde(borrow, default)]
    pub attestation: Option<&'a RawValue>,
    /// `{iotEdge}`.
    pub capabilities: Option<Capabilities>,
    /// The enrollment's own initial twin: `{tags, properties: {desired}}`.
    #[serde(borrow, default)]
    pub initial_twin: Option<&'a RawValue>,
    /// What happens to hub and data on re-registration; absent on old enrollments.
    pub reprovision_policy: Option<ReprovisionPolicy>,
    /// From 2026-11-01: the namespace of Azure Device Registry.
    #[serde(borrow, default)]
    pub namespace_name: Option<&'a RawValue>,
    /// From 2026-11-01: which authority issues certificates.
    #[serde(borrow, default)]
    pub certificate_authority_name: Option<&'a RawValue>,
    /// From 2026-11-01: how certificates are issued.
    #[serde(borrow, default)]
    pub certificate_policy_name: Option<&'a RawValue>,
    /// From 2025-07-01-preview: how certificates are issued.
    #[serde(borrow, default)]
    pub credential_policy_name: Option<&'a RawValue>,
    /// From 2026-11-02-preview: an array of strings, at most one.
    #[serde(borrow, default)]
    pub device_type_refs: Option<&'a RawValue>,
}

/// What the device is capable of.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct Capabilities {
    /// Whether it is an IoT Edge device; false when absent.
    pub iot_edge: Option<bool>,
}

/// What happens to hub and data on re-registration.
///
/// Source: <https://learn.microsoft.com/azure/iot-dps/concepts-device-reprovision>.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct ReprovisionPolicy {
    /// Whether the hub may change; true when absent.
    pub update_hub_assignment: Option<bool>,
    /// Whether the data moves along; true when absent, false resets the device.
    pub migrate_device_data: Option<bool>,
}

/// What the webhook answers, with status 200.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AllocationResponse<'a> {
    /// One of `linkedHubs`, in its spelling.
    pub iot_hub_host_name: &'a str,
    /// `{tags, properties: {desired}}`; absent leaves the enrollment's own in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_twin: Option<&'a Document<'a>>,
    /// An object for the device, delivered at every registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<&'a Document<'a>>,
}
