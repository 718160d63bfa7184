//! A request that has been read: the device, its enrollment and what DPS offers.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::id::{EnrollmentId, IdError, RegistrationId};
use crate::wire::{AllocationRequest, DeviceRuntimeContext, EnrollmentRecord, Text};

mod registry;

pub use registry::{RegistryMembers, ResourceName};

/// One registration, borrowed from the request's body.
#[derive(Clone, Debug)]
pub struct Registration<'a> {
    /// The registration id in lower case.
    pub id: RegistrationId<'a>,
    /// The enrollment that the device came through.
    pub enrollment: Enrollment<'a>,
    /// How the device proved who it is; none where the request does not say.
    pub attestation: Option<Attestation<'a>>,
    /// The hubs that DPS accepts as an answer, in the operator's spelling.
    pub linked_hubs: Vec<Text<'a>>,
    /// The hub that the device is assigned to.
    pub current_hub: Option<Text<'a>>,
    /// What the device sent along; any JSON value.
    pub payload: Option<&'a RawValue>,
}

/// The enrollment that a device came through.
#[derive(Clone, Debug)]
pub struct Enrollment<'a> {
    /// Individual or group.
    pub kind: EnrollmentKind,
    /// Group id, or the registration id of an individual enrollment.
    pub id: EnrollmentId<'a>,
    /// The device id that an individual enrollment gives the device; case-sensitive.
    pub device_id: Option<Text<'a>>,
    /// Whether the device is an IoT Edge device.
    pub iot_edge: bool,
    /// The enrollment's own initial twin.
    pub initial_twin: Option<&'a RawValue>,
    /// Whether a move to another hub resets the device's twin instead of migrating it.
    pub resets_data: bool,
    /// What it says about Azure Device Registry.
    pub registry: RegistryMembers<'a>,
}

/// The two kinds of enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EnrollmentKind {
    /// For one registration id.
    Individual,
    /// For every device whose key or certificate derives from the group's.
    Group,
}

impl EnrollmentKind {
    /// The word for expressions and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::Group => "group",
        }
    }
}

/// How a device proved who it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Attestation<'a> {
    /// A client certificate; its text is read only when something asks for it.
    X509(Option<Text<'a>>),
    /// A symmetric key; DPS strips the keys from the request.
    SymmetricKey,
    /// A TPM.
    Tpm,
}

impl Attestation<'_> {
    /// Every word that [`Attestation::as_str`] gives.
    pub(crate) const WORDS: [&'static str; 3] = ["x509", "symmetricKey", "tpm"];

    /// The word for expressions and logs, as DPS spells it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::X509(_) => "x509",
            Self::SymmetricKey => "symmetricKey",
            Self::Tpm => "tpm",
        }
    }
}

/// Why a body is not an allocation request; never quotes the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedRequest {
    /// JSON is UTF-8 (RFC 8259, section 8.1).
    #[error("the body is not UTF-8; send the JSON that DPS sends")]
    NotUtf8,
    /// What PowerShell writes by itself.
    #[error("the body is UTF-16; send it as UTF-8 (in PowerShell: `-Encoding utf8`)")]
    Utf16,
    /// The body is not JSON.
    #[error("the body is not JSON, at line {line} column {column}; send the JSON that DPS sends")]
    NotJson {
        /// Line of the body, from 1.
        line: usize,
        /// Column of the line, from 1; 0 at its start.
        column: usize,
    },
    /// A member that a decision needs is missing, or has another form.
    #[error("`{path}`: {what}, at line {line} column {column}")]
    Member {
        /// The member, as a path from the top.
        path: String,
        /// What is wrong with it.
        what: String,
        /// Line of the body, from 1.
        line: usize,
        /// Column of the line, from 1.
        column: usize,
    },
    /// Exactly one of the two enrollments must be present.
    #[error("the request holds {0} of `individualEnrollment` and `enrollmentGroup`; DPS sends one")]
    Enrollments(&'static str),
    /// An id that DPS would not have accepted.
    #[error("`{0}`: {1}")]
    Id(&'static str, #[source] IdError),
    /// The enrollment lacks its id.
    #[error("`{0}` is missing; it names the enrollment")]
    MissingId(&'static str),
}

impl<'a> Registration<'a> {
    /// Reads the body of a webhook call.
    ///
    /// Certificate and payload stay unread until something asks for them.
    ///
    /// # Errors
    /// [`MalformedRequest`] names the member and the rule, never its content.
    pub fn parse(body: &'a [u8]) -> Result<Self, MalformedRequest> {
        // RFC 8259, section 8.1: a byte order mark may be ignored. Windows writes it into files.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        // The whole body is checked, so that unread parts are UTF-8 too; with SIMD that is cheap.
        let text = simdutf8::basic::from_utf8(body).map_err(|_not_utf8| {
            if is_utf16(body) {
                MalformedRequest::Utf16
            } else {
                MalformedRequest::NotUtf8
            }
        })?;
        let request = serde_json::from_str(text).map_err(|_error| {
            if is_utf16(body) {
                MalformedRequest::Utf16
            } else {
                locate(text)
            }
        })?;
        Self::new(request)
    }

    fn new(request: AllocationRequest<'a>) -> Result<Self, MalformedRequest> {
        let AllocationRequest {
            individual_enrollment,
            enrollment_group,
            device_runtime_context: device,
            linked_hubs,
        } = request;
        let (kind, record) = match (individual_enrollment, enrollment_group) {
            (Some(record), None) => (EnrollmentKind::Individual, record),
            (None, Some(record)) => (EnrollmentKind::Group, record),
            (None, None) => return Err(MalformedRequest::Enrollments("neither")),
            (Some(_), Some(_)) => return Err(MalformedRequest::Enrollments("both")),
        };
        let attestation = attestation(&device, &record);
        let id = RegistrationId::parse(device.registration_id.0)
            .map_err(|error| MalformedRequest::Id("deviceRuntimeContext.registrationId", error))?;
        Ok(Self {
            id,
            attestation,
            enrollment: Enrollment::new(kind, record)?,
            linked_hubs,
            current_hub: device
                .current_iot_hub_host_name
                .or(device.current_iot_hub_host_name_as_documented)
                .filter(|host| !host.is_empty()),
            payload: device.payload,
        })
    }
}

/// Whether a text begins with the byte order mark of UTF-16, or with an ASCII letter in it.
fn is_utf16(text: &[u8]) -> bool {
    matches!(
        text,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=0x7f, ..] | [1..=0x7f, 0, ..]
    )
}

impl<'a> Enrollment<'a> {
    fn new(kind: EnrollmentKind, record: EnrollmentRecord<'a>) -> Result<Self, MalformedRequest> {
        let registry = RegistryMembers::read(&record);
        let (member, id) = match kind {
            EnrollmentKind::Individual => (
                "individualEnrollment.registrationId",
                record.registration_id,
            ),
            EnrollmentKind::Group => (
                "enrollmentGroup.enrollmentGroupId",
                record.enrollment_group_id,
            ),
        };
        let id = id.ok_or(MalformedRequest::MissingId(member))?;
        let reprovision = record.reprovision_policy.unwrap_or_default();
        Ok(Self {
            kind,
            id: EnrollmentId::parse(id.0).map_err(|error| MalformedRequest::Id(member, error))?,
            // Another type than a text says nothing.
            device_id: record
                .device_id
                .filter(|_| kind == EnrollmentKind::Individual)
                .and_then(|device_id| serde_json::from_str(device_id.get()).ok()),
            iot_edge: record
                .capabilities
                .and_then(|it| it.iot_edge)
                .unwrap_or(false),
            initial_twin: record.initial_twin,
            resets_data: reprovision.update_hub_assignment != Some(false)
                && reprovision.migrate_device_data == Some(false),
            registry,
        })
    }
}

/// The enrollment's `attestation`, as far as it is read.
#[derive(Deserialize)]
struct AttestationMechanism<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
}

/// The attestation is told by the device's member, or else by the enrollment's `attestation.type`.
fn attestation<'a>(
    device: &DeviceRuntimeContext<'a>,
    record: &EnrollmentRecord<'a>,
) -> Option<Attestation<'a>> {
    if let Some(x509) = &device.x509 {
        return Some(Attestation::X509(x509.client_certificate.clone()));
    }
    if device.symmetric_key.is_some() {
        return Some(Attestation::SymmetricKey);
    }
    if device.tpm.is_some() {
        return Some(Attestation::Tpm);
    }
    let mechanism: AttestationMechanism<'_> =
        serde_json::from_str(record.attestation?.get()).ok()?;
    match &*mechanism.kind {
        "x509" => Some(Attestation::X509(None)),
        "symmetricKey" => Some(Attestation::SymmetricKey),
        "tpm" => Some(Attestation::Tpm),
        _ => None,
    }
}

/// Reads a body that failed once more, now keeping track of where it is.
fn locate(text: &str) -> MalformedRequest {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read: Result<AllocationRequest<'_>, _> =
        serde_path_to_error::deserialize(&mut deserializer);
    // The request itself may be good, and something follow it.
    let Err(error) = read else {
        return not_json(text, deserializer.end().err());
    };
    let path = error.path().to_string();
    let error = error.into_inner();
    // The path of what is not JSON may hold any name that the body does.
    if !error.is_data() {
        return not_json(text, Some(error));
    }
    MalformedRequest::Member {
        path,
        what: without_content(&error),
        line: error.line(),
        column: error.column(),
    }
}

fn not_json(text: &str, error: Option<serde_json::Error>) -> MalformedRequest {
    let end = || (text.lines().count(), 0);
    let (line, column) = error.map_or_else(end, |error| (error.line(), error.column()));
    MalformedRequest::NotJson { line, column }
}

/// The message of a JSON error without the values that it quotes.
fn without_content(error: &serde_json::Error) -> String {
    let message = error.to_string();
    // From the right: the value itself may hold the words.
    if let Some((_value, expected)) = message.rsplit_once(", expected ") {
        let expected = expected.split(" at line ").next().unwrap_or_default();
        return format!("expected {expected}");
    }
    message
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}
