//! The members of a report.

use dps_allocation::{Revision, Verdict};
use jiff::Timestamp;
use serde::Serialize;

use crate::fleet::LineFault;
use crate::flow::Flow;
use crate::ids::Ids;
use crate::preview::change::Effect;

/// What a change of the tables does to a fleet.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// The tables before the change.
    pub from: TablesAt,
    /// The tables after the change.
    pub to: TablesAt,
    /// Whether the fleet was not read to its end.
    pub interrupted: bool,
    /// The numbers that matter most.
    pub summary: Summary,
    /// Devices that change alike, the largest group first.
    pub groups: Vec<Group>,
    /// Devices that get another hub than they are on, or none, when they register next; the most
    /// first.
    pub flows: Vec<Flow>,
    /// Moves by tenant and geography, the most first.
    pub moves: Vec<TenantMoves>,
    /// How many devices each hub has, in the order of host names.
    pub load: Vec<HubLoad>,
    /// Devices that leave the geographies of their residency.
    pub residency: Ids,
    /// Devices whose initial twin or reply differs, by tenant.
    pub twins: Vec<TwinsOfTenant>,
    /// What the fleet does not hold and the tables read.
    pub undecided: Vec<Undecided>,
    /// The first lines that are not devices.
    pub faults: Vec<LineFault>,
    /// Devices whose ids came before; only the first line of an id counts.
    pub repeated: Ids,
}

/// Tables at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TablesAt {
    /// Where they are, as the operator calls it.
    pub source: String,
    /// Their revision.
    pub revision: Revision,
    /// When devices register.
    pub at: Timestamp,
}

/// The numbers that matter most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Devices of the fleet, each counted once.
    pub devices: u64,
    /// Devices that get another hub.
    pub moved: u64,
    /// The least number of moves by which every tenant has as many devices on each hub.
    pub least_moves: u64,
    /// Devices that got a hub before and get none after.
    pub refused: u64,
    /// Devices that got no hub before and get one after.
    pub accepted: u64,
    /// Devices that get no hub, before and after.
    pub refused_before: u64,
    /// Devices that get another initial twin or reply.
    pub twin_differs: u64,
    /// Of these, the devices to which DPS applies the initial twin.
    pub twin_applied: u64,
    /// Devices whose initial twin or reply reads what the fleet does not hold.
    pub twin_unknown: u64,
    /// Devices about which the tables ask what the fleet does not hold.
    pub undecidable: u64,
    /// Devices that leave the geographies of their residency: must be 0.
    pub across_residency: u64,
    /// Devices that change their hub at the next registration without the change too.
    pub under_way: u64,
    /// Lines that are not devices.
    pub faults: u64,
    /// Lines whose ids came before.
    pub repeated: u64,
    /// Devices of a very large fleet whose ids were not compared with those before.
    pub unchecked: u64,
    /// Lines of a log that are not decisions.
    pub other_lines: u64,
}

/// Devices that change alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What happens to them.
    #[serde(flatten)]
    pub effect: Effect,
    /// Why the hub before is not the hub after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
    /// The devices.
    #[serde(flatten)]
    pub ids: Ids,
}

/// Why a hub is left, as `explain` says of the first device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Because {
    /// As a word.
    pub verdict: Verdict,
    /// In words.
    pub text: String,
}

/// Moves of a tenant between two geographies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantMoves {
    /// The tenant, if it is known.
    pub tenant: Option<String>,
    /// The geography before, if the hub has one.
    pub from: Option<String>,
    /// The geography after.
    pub to: Option<String>,
    /// How many devices move.
    pub devices: u64,
}

/// How many devices a hub has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HubLoad {
    /// The classic host name.
    pub hub: String,
    /// Its geography.
    pub geography: Option<String>,
    /// Its Azure region.
    pub region: Option<String>,
    /// Its weight after the change; `None` without a row.
    pub weight: Option<u64>,
    /// Its state after the change; `None` means open.
    pub state: Option<String>,
    /// Devices that are on it now, as far as the fleet says.
    pub now: u64,
    /// Devices that it has when all have registered once more without the change.
    pub before: u64,
    /// Devices that it has when all have registered once more with the change.
    pub after: u64,
}

/// Devices of a tenant whose initial twin or reply differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TwinsOfTenant {
    /// The tenant.
    pub tenant: String,
    /// The devices.
    #[serde(flatten)]
    pub ids: Ids,
}

/// What a fleet or a log does not hold and the tables read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undecided {
    /// The row and column that read it, or what is missing.
    pub asked: String,
    /// The devices.
    #[serde(flatten)]
    pub ids: Ids,
}
