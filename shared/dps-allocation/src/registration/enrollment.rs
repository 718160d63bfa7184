//! The enrollment that a device came through.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::malformed::MalformedRequest;
use super::registry::RegistryMembers;
use crate::id::EnrollmentId;
use crate::wire::{EnrollmentRecord, Text};

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

impl<'a> Enrollment<'a> {
    pub(super) fn new(
        kind: EnrollmentKind,
        record: EnrollmentRecord<'a>,
    ) -> Result<Self, MalformedRequest> {
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
            // A value of another type counts as absent.
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
