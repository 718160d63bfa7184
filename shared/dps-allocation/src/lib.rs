//! Decides which IoT hub a device registration belongs to.
//!
//! [`decide`] is a pure function of a [`Policy`], a [`Registration`] and [`Facts`]: no clock, no
//! I/O, no randomness, no logging. [`explain`] runs the same code and records the reasons;
//! [`replay`] and [`foresee`] run it without the parts of a request that were not kept.

mod decide;
mod decision;
mod document;
mod evidence;
mod explanation;
mod expression;
mod finding;
mod glob;
mod group;
mod hash;
mod hidden;
mod hub_name;
mod id;
mod id_key;
mod instant;
mod nearest;
mod parts;
mod policy;
mod record;
mod registration;
mod revision;
mod schema;
mod trace;
mod twin;
mod words;

pub mod certificate;
pub mod geo;
pub mod rollout;
pub mod shown;
pub mod tables;
pub mod wire;

pub use decide::{
    DeviceFact, Facts, Foreseen, Known, Version, decide, decide_with_evidence, deciding_row,
    explain, foresee, replay,
};
pub use decision::{
    AssignedReason, Assignment, Decision, Refusal, RefusedReason, TwinEffect, Unavailable,
};
pub use document::Document;
pub use evidence::{Evidence, NotRecorded};
pub use explanation::{Explanation, HubVerdict, RowRef, Step, Verdict};
pub use expression::DeviceView;
pub use finding::{Finding, Place, Severity};
pub use glob::matches_glob;
pub use group::Group;
pub use hash::{bucket, weight};
pub use hub_name::HubName;
pub use id::{EnrollmentId, IdError, RegistrationId, TenantId};
pub use id_key::IdKey;
pub use instant::instant;
pub use nearest::{did_you_mean, nearest};
pub use parts::{Part, Parts};
pub use policy::{DeviceRecord, DeviceRow, Policy, Reading, RolloutState, RolloutView};
pub use record::{
    AbsentRow, DecisionRecord, RecordError, RecordedDevice, RecordedEnrollment, RecordedRow,
    RecordedShadow, Withheld,
};
pub use registration::{
    Attestation, AttestationKind, Enrollment, EnrollmentKind, MalformedRequest, Registration,
    RegistryMembers, ResourceName,
};
pub use revision::{NotARevision, Revision, RevisionPrefix};
pub use schema::DeviceRows;
pub use twin::limits as twin_limits;
