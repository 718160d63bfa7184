//! The members of a prediction.

use serde::{Deserialize, Serialize};

use crate::flow::Flow;

/// What a change was predicted to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prediction {
    /// The numbers that matter most.
    pub summary: Predicted,
    /// Who goes where at the next registration, the most first.
    pub flows: Vec<Flow>,
    /// How many devices each hub has, in the order of host names.
    pub load: Vec<PredictedLoad>,
    /// What did not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
}

/// The numbers of a preview that matter after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Predicted {
    /// Devices of the fleet.
    pub devices: u64,
    /// Devices that get another hub.
    pub moved: u64,
    /// Devices that got a hub before and get none after.
    pub refused: u64,
    /// Devices that got no hub before and get one after.
    pub accepted: u64,
    /// Devices that get no hub, before and after.
    pub refused_before: u64,
    /// Devices that change their hub without the change too.
    pub under_way: u64,
    /// Devices that may do either.
    pub undecidable: u64,
    /// Devices that leave the geographies of their residency.
    pub across_residency: u64,
    /// Lines of the fleet that are not devices, of which nothing is predicted.
    pub faults: u64,
}

/// How many devices a hub has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PredictedLoad {
    /// The classic host name.
    pub hub: String,
    /// Before they register, as far as the fleet says.
    pub now: u64,
    /// When all have registered once more without the change.
    pub before: u64,
    /// When all have registered once more with the change.
    pub after: u64,
}

/// What is left out of a prediction, since there is too much of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The smallest flows.
    pub flows: u64,
    /// The devices of these.
    pub devices: u64,
    /// The hubs with the fewest devices.
    pub hubs: u64,
}
