//! The registration and the device's row of a record, for a replay.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::model::{AbsentRow, DecisionRecord, RecordedDevice, RecordedEnrollment, RecordedRow};
use crate::decide::{DeviceFact, Version};
use crate::finding::Finding;
use crate::id::{EnrollmentId, IdError, RegistrationId};
use crate::policy::{DeviceRecord, Policy};
use crate::registration::{Attestation, Enrollment, Registration, RegistryMembers, ResourceName};
use crate::tables::{Table, TableTooLarge};
use crate::wire::Text;

/// Why a record cannot be replayed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RecordError {
    /// The body of the request was not read.
    #[error(
        "the log says `{0}` before a registration was read: there is nothing to decide again; \
         explain the request itself"
    )]
    NoRegistration(String),
    /// A newer program made the decision.
    #[error(
        "the decision is of version {0}, this program knows versions 1 to {newest}; use a newer one",
        newest = Version::NEWEST.number()
    )]
    Newer(u32),
    /// An id that DPS would not have accepted.
    #[error("the log: {0}")]
    Id(#[from] IdError),
    /// The text exceeds the size of a table.
    #[error("the log: {0}")]
    TooLarge(#[from] TableTooLarge),
    /// The row has errors, or names what the policy does not have.
    #[error("the device's row has errors: {}", findings(.0))]
    Row(Vec<Finding>),
}

fn findings(findings: &[Finding]) -> String {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    findings.join("; ")
}

impl DecisionRecord<'_> {
    /// How the decision was made.
    ///
    /// # Errors
    /// [`RecordError::Newer`] when this program does not know the version.
    pub fn version(&self) -> Result<Version, RecordError> {
        Version::new(self.version).ok_or(RecordError::Newer(self.version))
    }

    /// The registration; payload and certificate are only marked as present.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn registration(&self) -> Result<Registration<'_>, RecordError> {
        let unread = || RecordError::NoRegistration(self.reason.to_string());
        self.version()?;
        let id = self.registration_id.as_deref().ok_or_else(unread)?;
        let enrollment = self.enrollment.as_ref().ok_or_else(unread)?;
        let linked_hubs = self.linked_hubs.as_ref().ok_or_else(unread)?;
        Ok(Registration {
            id: RegistrationId::parse(id)?,
            enrollment: enrollment.read()?,
            attestation: self.attestation.map(|kind| {
                let withheld = self.certificate.map(|_withheld| Text("".into()));
                Attestation::new(kind, withheld)
            }),
            linked_hubs: linked_hubs.iter().map(|it| Text((&**it).into())).collect(),
            current_hub: self.current_hub.as_deref().map(|it| Text(it.into())),
            payload: self.payload.map(|_withheld| RawValue::NULL),
        })
    }

    /// The device's row, where it was read.
    ///
    /// # Errors
    /// [`RecordError::Row`] when it is not a row.
    pub fn row(&self) -> Result<Option<DeviceRecord>, RecordError> {
        let (Some(RecordedDevice::Row(row)), Some(id)) = (&self.device, &self.registration_id)
        else {
            return Ok(None);
        };
        row.read(id).map(Some)
    }

    /// What was known of the device's row: the `row` of [`DecisionRecord::row`] under the policy.
    ///
    /// # Errors
    /// [`RecordError::Row`] when the policy does not know what the row names.
    pub fn device<'a>(
        &self,
        policy: &'a Policy,
        row: Option<&'a DeviceRecord>,
    ) -> Result<DeviceFact<'a>, RecordError> {
        if let Some(row) = row {
            let row = policy.recorded_device(row).map_err(RecordError::Row)?;
            return Ok(row.map_or(DeviceFact::Missing, DeviceFact::Row));
        }
        Ok(match &self.device {
            None => DeviceFact::NotRead,
            Some(RecordedDevice::Absent(AbsentRow::Missing)) => DeviceFact::Missing,
            Some(RecordedDevice::Absent(AbsentRow::Invalid)) => DeviceFact::Invalid,
            Some(RecordedDevice::Absent(AbsentRow::Unavailable) | RecordedDevice::Row(_)) => {
                DeviceFact::Unavailable
            }
        })
    }
}

impl RecordedEnrollment<'_> {
    fn read<'n>(&'n self) -> Result<Enrollment<'n>, IdError> {
        let name = |name: &'n Option<Cow<'_, str>>| name.as_deref().and_then(ResourceName::new);
        let references = self.device_type_refs.iter();
        Ok(Enrollment {
            kind: self.kind,
            id: EnrollmentId::parse(&*self.id)?,
            // What a condition made of it is among the evidence.
            device_id: None,
            iot_edge: self.iot_edge,
            initial_twin: None,
            resets_data: self.resets_data,
            registry: RegistryMembers {
                namespace_name: name(&self.namespace_name),
                certificate_authority_name: name(&self.certificate_authority_name),
                certificate_policy_name: name(&self.certificate_policy_name),
                credential_policy_name: name(&self.credential_policy_name),
                device_type_refs: references.map(|it| Text((&**it).into())).collect(),
            },
        })
    }
}

impl RecordedRow<'_> {
    fn read(&self, id: &str) -> Result<DeviceRecord, RecordError> {
        let mut row = Table::default();
        let cells = [
            ("PartitionKey", Some(id)),
            ("RowKey", Some("device")),
            ("tenant", self.tenant.as_deref()),
            ("location", self.location.as_deref()),
            ("residency", self.residency.as_deref()),
            ("hub", self.hub.as_deref()),
            // Its text is not known; what followed from it is among the evidence.
            ("group", self.group.map(|_withheld| "withheld")),
            ("profile", self.profile.as_deref()),
            // What conditions made of them is among the evidence.
            ("attributes", self.attributes.map(|_withheld| "{}")),
        ]
        .map(|(column, text)| (row.column(column), text.unwrap_or_default()));
        row.push(None, cells)?;
        DeviceRecord::read(row).map_err(RecordError::Row)
    }
}
