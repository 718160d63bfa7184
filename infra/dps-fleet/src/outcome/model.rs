//! The members of an outcome.

use dps_allocation::RevisionPrefix;
use jiff::Timestamp;
use serde::Serialize;

use super::assumption::Assumption;
use crate::fleet::LineFault;
use crate::flow::Route;

/// What became of a prediction.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The revision that was predicted.
    pub revision: RevisionPrefix,
    /// Whether the logs were not read to their end.
    pub interrupted: bool,
    /// Decisions by the revision.
    pub decisions: u64,
    /// When the first and the last of them were taken.
    pub first: Option<Timestamp>,
    /// When the last of them was taken.
    pub last: Option<Timestamp>,
    /// Devices of the fleet that was previewed.
    pub devices: u64,
    /// Devices that have registered.
    pub registered: u64,
    /// Devices of the fleet that have not, at least: others than those of the fleet may have
    /// registered.
    pub not_registered: u64,
    /// Devices that have registered and are where they were.
    pub stayed: u64,
    /// From one hub to another.
    pub moved: Compared,
    /// Refused, whether they were on a hub or not.
    pub refused: Compared,
    /// Placed on a hub for the first time.
    pub placed: Compared,
    /// The same by tenant, from where and to where, the most first.
    pub flows: Vec<ComparedFlow>,
    /// Devices of each hub, in the order of host names.
    pub load: Vec<ComparedLoad>,
    /// What was assumed, and decisions show otherwise.
    pub contradicted: Vec<Contradicted>,
    /// Decisions by other revisions, or at another time that this one was in use.
    pub other_revisions: u64,
    /// Requests that devices were to repeat, or that held no registration.
    pub unanswered: u64,
    /// Decisions of devices that are too many to be told apart.
    pub untold: u64,
    /// Lines of decisions that cannot be read.
    pub fault_count: u64,
    /// The first of them.
    pub faults: Vec<LineFault>,
    /// Lines that are not decisions.
    pub other_lines: u64,
}

/// Devices as predicted and as seen; whether they are the same ones, counts cannot tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// How many were predicted.
    pub predicted: u64,
    /// How many were seen.
    pub seen: u64,
    /// Of these, as many as were predicted of the same tenant, from there and to there.
    pub as_predicted: u64,
    /// The others.
    pub not_predicted: u64,
}

/// The devices of one route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComparedFlow {
    /// From where to where.
    #[serde(flatten)]
    pub route: Route,
    /// How many were predicted.
    pub predicted: u64,
    /// How many were seen.
    pub seen: u64,
}

/// The devices of a hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComparedLoad {
    /// The classic host name.
    pub hub: String,
    /// When the change was previewed.
    pub then: u64,
    /// When all have registered with the change.
    pub predicted: u64,
    /// Then, with those that came since, without those that left or were refused.
    pub seen: u64,
}

/// Decisions that show that something assumed is not so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Contradicted {
    /// What was assumed.
    pub assumed: Assumption,
    /// How many decisions.
    pub decisions: u64,
}

impl Outcome {
    /// Whether the log shows what was not predicted.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.moved.not_predicted + self.refused.not_predicted > 0
    }
}
