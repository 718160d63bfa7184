//! What the engine answers: assigned, refused for good, or unavailable for now.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use crate::document::Document;
use crate::group::Group;
use crate::wire::AllocationResponse;
use crate::words::words;

/// The answer to one registration.
#[derive(Clone, Debug)]
pub enum Decision<'a> {
    /// The device belongs to this hub.
    Assigned(Assignment<'a>),
    /// The device may not be assigned, until the operator or the device changes something.
    Refused(Refusal),
    /// The engine could not decide now; DPS tries again.
    Unavailable(Unavailable),
}

impl Decision<'_> {
    /// How it ended, as one word: `assigned`, `refused` or `unavailable`.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Assigned(_) => "assigned",
            Self::Refused(_) => "refused",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// Why, as the word of the published reason.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Assigned(assignment) => assignment.reason.as_str(),
            Self::Refused(refusal) => refusal.reason.as_str(),
            Self::Unavailable(unavailable) => unavailable.as_str(),
        }
    }

    /// The tenant in lower case, once it is known.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Self::Assigned(assignment) => assignment.tenant,
            Self::Refused(refusal) => refusal.tenant.as_deref(),
            Self::Unavailable(_) => None,
        }
    }
}

/// Where a device belongs, and what it gets.
#[derive(Clone, Debug)]
pub struct Assignment<'a> {
    /// The hub, spelled as `linkedHubs` spells it.
    pub hub: &'a str,
    /// The same hub by its classic host name in lower case, for what counts and compares.
    pub hub_name: Cow<'a, str>,
    /// Which step chose the hub.
    pub reason: AssignedReason,
    /// The tenant in lower case; none for [`AssignedReason::StayUnverified`].
    pub tenant: Option<&'a str>,
    /// The group of the device, which was hashed in place of its id.
    pub group: Option<Group<'a>>,
    /// The rollout that selected the device, by its row key.
    pub rollout: Option<&'a str>,
    /// The initial twin; if none, the enrollment's own applies.
    pub initial_twin: Option<Document<'a>>,
    /// Whether DPS will apply an initial twin.
    pub twin_effect: TwinEffect,
    /// A JSON object that the device finds in `registrationState.payload`.
    pub payload: Option<Document<'a>>,
}

impl Assignment<'_> {
    /// The body that DPS expects.
    #[must_use]
    pub fn response(&self) -> AllocationResponse<'_> {
        AllocationResponse {
            iot_hub_host_name: self.hub,
            initial_twin: self.initial_twin.as_ref(),
            payload: self.payload.as_ref(),
        }
    }
}

/// Which step chose the hub.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, Serialize, VariantArray,
)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum AssignedReason {
    /// The device keeps the hub that it has.
    Stay,
    /// The device keeps the hub that it has, because its row could not be read: no other step ran.
    StayUnverified,
    /// The device keeps the hub that it has, which is linked and has no row.
    StayUnlisted,
    /// A rollout moved the device to one of its hubs, or keeps it there.
    Rollout,
    /// An aborted rollout brought the device back.
    RolloutReturn,
    /// A rule or the device's row names the hub.
    FixedHub,
    /// The nearest hubs by latency, among them by weight.
    Latency,
    /// Weighted rendezvous over all eligible hubs.
    Weighted,
    /// The first eligible hub, the same for every device.
    Static,
}

/// Whether DPS applies the initial twin of an answer.
///
/// Source: "Use device payloads / initial twin" in
/// <https://learn.microsoft.com/azure/iot-dps/concepts-custom-allocation>.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, Serialize, Deserialize, VariantArray,
)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum TwinEffect {
    /// Applied: the first assignment.
    AppliedFirst,
    /// Applied: the hub changes and the enrollment resets the device's data.
    AppliedReset,
    /// Ignored: the device stays on its hub.
    IgnoredSameHub,
    /// Ignored: the hub changes, and the enrollment migrates the device's data.
    IgnoredMigrated,
}

/// A refusal, with what the operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, as one of the published reasons.
    pub reason: RefusedReason,
    /// One sentence for the operator, without secrets, payloads or twin values.
    pub detail: String,
    /// The tenant in lower case, once it is known.
    pub tenant: Option<Box<str>>,
}

/// Why a device may not be assigned.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, Serialize, VariantArray,
)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum RefusedReason {
    /// The request is not an allocation request, or a part that was read is broken.
    MalformedRequest,
    /// The claimed tenant is not one of those that the enrollment allows.
    ClaimRefused,
    /// No row of the `enrollments` table names the enrollment.
    UnknownEnrollment,
    /// The claimed tenant is in no row of the `tenants` table.
    UnknownTenant,
    /// Constraints leave no hub, or none that accepts new devices.
    NoEligibleHub,
    /// The tenant's `state` is `suspended`.
    TenantSuspended,
    /// The enrollment allows several tenants and nothing selects one, or the location is missing.
    ClaimMissing,
    /// The rendered twin or payload breaks a limit of IoT Hub.
    TwinInvalid,
    /// A rule says `refuse`.
    RefusedByRule,
    /// The enrollment requires a row in `devices`, and there is none.
    UnknownDevice,
}

/// Why the engine could not decide now.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, Serialize, VariantArray,
)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum Unavailable {
    /// The device's row counts, and the store cannot be read.
    StoreUnavailable,
    /// The device's row counts, and the row that the store has for it has errors.
    DeviceRowInvalid,
}

words!(AssignedReason, TwinEffect, RefusedReason, Unavailable);
