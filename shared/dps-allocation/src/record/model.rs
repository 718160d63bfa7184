//! The members of a record.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::decide::Version;
use crate::decision::TwinEffect;
use crate::evidence::Evidence;
use crate::registration::{AttestationKind, Enrollment, EnrollmentKind, ResourceName};

/// One decision; the members are written in this order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecisionRecord<'a> {
    log: Log,
    /// The number of the [`Version`]; lines without it are of the first version.
    #[serde(default = "first_version")]
    pub version: u32,
    /// When it was decided.
    pub time: Timestamp,
    /// The policy that decided; absent, like the members below, if no registration was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Cow<'a, str>>,
    /// The registration id, or its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_id: Option<Cow<'a, str>>,
    /// Whether hashes stand for registration ids.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ids_hashed: bool,
    /// The enrollment that the device came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrollment: Option<RecordedEnrollment<'a>>,
    /// How the device proved who it is, if the request says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attestation: Option<AttestationKind>,
    /// Whether the request had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Withheld>,
    /// Whether the request had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Withheld>,
    /// The hubs that DPS accepted as an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_hubs: Option<Vec<Cow<'a, str>>>,
    /// The hub that the device was assigned to before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_hub: Option<Cow<'a, str>>,
    /// The device's row, if it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<RecordedDevice<'a>>,
    /// The answers that the policy got from withheld parts.
    #[serde(default, skip_serializing_if = "Evidence::is_empty")]
    pub evidence: Evidence,
    /// The tenant, if the decision reached it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Cow<'a, str>>,
    /// The hash of the device's group by the key that hides ids; without a key, `withheld`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Cow<'a, str>>,
    /// The host name of the assigned hub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<Cow<'a, str>>,
    /// The rollout that selected the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Cow<'a, str>>,
    /// Whether DPS applies the initial twin of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twin_effect: Option<TwinEffect>,
    /// The status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `assigned`, `refused`, `unavailable` or `failed`.
    pub outcome: Cow<'a, str>,
    /// Why, as one of the published reasons.
    pub reason: Cow<'a, str>,
    /// One sentence for the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Cow<'a, str>>,
    /// What a candidate policy decides, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<RecordedShadow>,
    /// The name of the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_id: Option<Cow<'a, str>>,
    /// The Functions host's name for the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_id: Option<Cow<'a, str>>,
    /// The trace that the request belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<Cow<'a, str>>,
}

/// The decision of a candidate policy about the same registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedShadow {
    /// The candidate.
    pub revision: Arc<str>,
    /// How it differs from the live decision, in one word.
    pub difference: Cow<'static, str>,
    /// As of the live decision; absent if the candidate could not be decided, or gives the same
    /// answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Cow<'static, str>>,
    /// As of the live decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'static, str>>,
    /// The hub that the candidate assigns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<String>,
}

/// Marks lines of decisions; the first member.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Log {
    Decision,
}

/// Marks a part that the request had and that no log may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Withheld {
    /// The only value.
    Withheld,
}

/// An enrollment without its twin and its device id.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedEnrollment<'a> {
    /// Individual or group.
    pub kind: EnrollmentKind,
    /// Its id, or the hash of it.
    pub id: Cow<'a, str>,
    /// Whether the device is an IoT Edge device.
    pub iot_edge: bool,
    /// Whether a move to another hub resets the device's twin.
    pub resets_data: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace_name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate_authority_name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate_policy_name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credential_policy_name: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) device_type_refs: Vec<Cow<'a, str>>,
}

/// What was known of the device's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordedDevice<'a> {
    /// Nothing.
    Absent(AbsentRow),
    /// What the row said.
    Row(RecordedRow<'a>),
}

/// Why nothing is known of a row that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AbsentRow {
    /// The table has no row for the device.
    Missing,
    /// The store cannot be read.
    Unavailable,
    /// It has errors.
    Invalid,
}

/// The device's row without its twin and the values of its attributes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedRow<'a> {
    /// The tenant's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Cow<'a, str>>,
    /// Where the device is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Cow<'a, str>>,
    /// Whether coordinates in it are coarser than those that have decided.
    #[serde(default, skip_serializing_if = "is_false")]
    pub location_rounded: bool,
    /// The geographies that the device may be in, in the canonical form of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residency: Option<Cow<'a, str>>,
    /// The hubs that the device should have, the best first, separated by `;`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<Cow<'a, str>>,
    /// Whether it names a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Withheld>,
    /// What the device speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Cow<'a, str>>,
    /// Whether it has attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Withheld>,
}

impl DecisionRecord<'_> {
    /// The record of a request if only the answer is known.
    #[must_use]
    pub fn new(time: Timestamp, outcome: &'static str, reason: &'static str) -> Self {
        Self {
            log: Log::Decision,
            version: Version::NEWEST.number(),
            time,
            revision: None,
            registration_id: None,
            ids_hashed: false,
            enrollment: None,
            attestation: None,
            certificate: None,
            payload: None,
            linked_hubs: None,
            current_hub: None,
            device: None,
            evidence: Evidence::default(),
            tenant: None,
            group: None,
            hub: None,
            rollout: None,
            twin_effect: None,
            status: None,
            outcome: Cow::Borrowed(outcome),
            reason: Cow::Borrowed(reason),
            detail: None,
            shadow: None,
            decision_id: None,
            invocation_id: None,
            trace_id: None,
        }
    }

    /// Whether coordinates in it are coarser than those that have decided.
    #[must_use]
    pub fn is_rounded(&self) -> bool {
        matches!(&self.device, Some(RecordedDevice::Row(row)) if row.location_rounded)
    }
}

impl<'a> RecordedEnrollment<'a> {
    /// What a record holds of an enrollment, with this id.
    #[must_use]
    pub fn new(enrollment: &'a Enrollment<'_>, id: &'a str) -> Self {
        let name = |name: &'a Option<ResourceName<'_>>| Some(name.as_ref()?.as_str().into());
        let registry = &enrollment.registry;
        let references = registry.device_type_refs.iter();
        Self {
            kind: enrollment.kind,
            id: id.into(),
            iot_edge: enrollment.iot_edge,
            resets_data: enrollment.resets_data,
            namespace_name: name(&registry.namespace_name),
            certificate_authority_name: name(&registry.certificate_authority_name),
            certificate_policy_name: name(&registry.certificate_policy_name),
            credential_policy_name: name(&registry.credential_policy_name),
            device_type_refs: references.map(|it| (&**it).into()).collect(),
        }
    }
}

fn first_version() -> u32 {
    Version::First.number()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}
