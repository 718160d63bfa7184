//! What a scenario file says, once it is read.

use dps_allocation::{AssignedReason, RefusedReason, TwinEffect, Unavailable};
use jiff::Timestamp;
use serde_json::Value;

use super::device::DeviceRow;
use super::fault::Fault;
use super::ids::Ids;
use super::request::RequestForm;

/// A case or a fleet, or why it cannot be read.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) line: u32,
    pub(super) stated: Stated,
}

#[derive(Debug)]
pub(super) enum Stated {
    Case(Result<Box<Case>, Vec<Fault>>),
    Fleet(Result<Box<Fleet>, Vec<Fault>>),
}

/// One registration and what is expected of it.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) at: Timestamp,
    pub(super) request: CaseRequest,
    pub(super) row: DeviceRow,
    pub(super) expect: Expect,
}

#[derive(Debug)]
pub(super) enum CaseRequest {
    /// Registration id, and the rest in short.
    Short(String, Box<RequestForm>),
    /// A file with a request.
    File(String),
}

/// What is expected of a decision; a key that is not given may have any value.
#[derive(Debug)]
pub(super) struct Expect {
    pub(super) outcome: ExpectedOutcome,
    pub(super) tenant: Option<String>,
    /// Each of these matches; an empty list: none does.
    pub(super) rules: Option<Vec<String>>,
    /// Each of these selects the device; an empty list: none does.
    pub(super) rollouts: Option<Vec<String>>,
}

#[derive(Debug)]
pub(super) enum ExpectedOutcome {
    Assigned {
        /// Any of these, by their classic host names.
        hubs: Option<Vec<String>>,
        reason: Option<AssignedReason>,
        twin: Option<ExpectedTwin>,
        effect: Option<TwinEffect>,
        reply: Option<Value>,
    },
    Refused(RefusedReason),
    Unavailable(Unavailable),
}

#[derive(Debug)]
pub(super) enum ExpectedTwin {
    /// The answer has no twin: that of the enrollment applies.
    None,
    /// The answer has at least these tags and desired properties.
    Holds(Value),
}

/// Many devices that register before and after a time.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) ids: Ids,
    pub(super) request: RequestForm,
    pub(super) row: DeviceRow,
    /// When they registered as new devices; `None`: they have the hub of the request, or none.
    pub(super) before: Option<Timestamp>,
    pub(super) after: Timestamp,
    pub(super) expect: FleetExpect,
}

/// What is expected of a fleet.
#[derive(Debug)]
pub(super) struct FleetExpect {
    pub(super) moved: Option<u64>,
    /// How far `moved` and `load` may be off.
    pub(super) within: u64,
    /// Every device that moves was on one of these.
    pub(super) from: Option<Vec<String>>,
    /// Every device that moves goes to one of these.
    pub(super) to: Option<Vec<String>>,
    /// How many devices a second registration moves.
    pub(super) twice: u64,
    pub(super) refused: u64,
    /// How many devices are on a hub afterwards.
    pub(super) load: Vec<(String, u64)>,
    /// Devices that move, by their ids.
    pub(super) moves: Vec<String>,
    /// Devices that stay.
    pub(super) stays: Vec<String>,
    /// Devices with the same number in the first range are on one hub afterwards.
    pub(super) together: bool,
}
