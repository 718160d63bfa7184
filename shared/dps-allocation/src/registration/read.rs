//! Reads the body of a webhook call.

use serde_json::value::RawValue;

use super::attestation::{Attestation, attestation};
use super::enrollment::{Enrollment, EnrollmentKind};
use super::malformed::{MalformedRequest, is_utf16, locate};
use crate::id::RegistrationId;
use crate::wire::{AllocationRequest, Text};

/// One registration, borrowed from the request's body.
#[derive(Clone, Debug)]
pub struct Registration<'a> {
    /// The registration id in lower case.
    pub id: RegistrationId<'a>,
    /// The enrollment that the device came through.
    pub enrollment: Enrollment<'a>,
    /// How the device proved who it is; none if the request does not say.
    pub attestation: Option<Attestation<'a>>,
    /// The hubs that DPS accepts as an answer, in the operator's spelling.
    pub linked_hubs: Vec<Text<'a>>,
    /// The hub that the device is assigned to.
    pub current_hub: Option<Text<'a>>,
    /// What the device sent along; any JSON value.
    pub payload: Option<&'a RawValue>,
}

impl<'a> Registration<'a> {
    /// Reads the body of a webhook call.
    ///
    /// Certificate and payload are parsed only when a decision needs them.
    ///
    /// # Errors
    /// [`MalformedRequest`] names the member and the rule, never its content.
    pub fn parse(body: &'a [u8]) -> Result<Self, MalformedRequest> {
        // RFC 8259, section 8.1: a byte order mark may be ignored. Windows writes it into files.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        // The whole body is checked, so that unread parts are UTF-8 too.
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
