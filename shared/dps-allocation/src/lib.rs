//! Decides which IoT hub a device registration belongs to.
//!
//! [`decide`] is a pure function of a [`Policy`], a [`Registration`] and [`Facts`]: no clock, no
//! I/O, no randomness, no logging. [`explain`] runs the same code and keeps the reasons; [`replay`]
//! runs it again without the parts of the request that no log may hold.

mod decide;
mod decision;
mod evidence;
mod expression;
mod finding;
mod hub_name;
mod hubs;
mod id;
mod id_key;
mod keyed_hash;
mod names;
mod nearest;
mod pattern;
mod policy;
mod profile;
mod record;
mod registration;
mod rollout;
mod trace;
mod twin;

pub mod bucket;
pub mod certificate;
pub mod region;
pub mod shown;
pub mod tables;
pub mod twin_limits;
pub mod weight;
pub mod wire;

pub use decide::{DeviceFact, Facts, decide, decide_with_evidence, explain, replay};
pub use decision::{
    AssignedReason, Assignment, Decision, Refusal, RefusedReason, TwinEffect, Unavailable,
};
pub use evidence::{Evidence, NotRecorded};
pub use expression::DeviceView;
pub use finding::{Finding, Severity};
pub use hub_name::HubName;
pub use id::{EnrollmentId, IdError, RegistrationId, TenantId};
pub use id_key::IdKey;
pub use policy::{DeviceRecord, DeviceRow, DeviceRows, NotARevision, Policy, Reading, Revision};
pub use record::{
    AbsentRow, AttestationKind, DecisionRecord, RecordError, RecordedDevice, RecordedEnrollment,
    RecordedRow, Withheld,
};
pub use registration::{
    Attestation, Enrollment, EnrollmentKind, MalformedRequest, Registration, RegistryMembers,
    ResourceName,
};
pub use trace::{Explanation, HubVerdict, RowRef, Step, Verdict};
