//! The reasons of a decision, as `explain` gives them.

use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::decision::TwinEffect;
use crate::revision::Revision;
use crate::schema::TableName;

/// The whole reasoning about one registration; `Debug` shows the outcome only.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// In lower case.
    pub registration_id: String,
    /// The policy that decided.
    pub revision: Revision,
    /// `assigned`, `refused` or `unavailable`.
    pub outcome: &'static str,
    /// The published reason.
    pub reason: &'static str,
    /// What the reason means here; for refusals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The row that decided, if one row did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<RowRef>,
    /// The tenant, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The rollout that selected the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<String>,
    /// Whether DPS will apply an initial twin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twin_effect: Option<TwinEffect>,
    /// The answer to DPS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Box<RawValue>>,
    /// The steps in order.
    pub steps: Vec<Step>,
    /// Every hub that the policy knows or the request links, in host-name order.
    pub hubs: Vec<HubVerdict>,
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("registration_id", &self.registration_id)
            .field("outcome", &self.outcome)
            .field("reason", &self.reason)
            .field("detail", &self.detail)
            .field("decided_by", &self.decided_by)
            .field("hubs", &self.hubs)
            .finish_non_exhaustive()
    }
}

/// One step of the reasoning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The step of the decision.
    pub step: &'static str,
    /// The question of the step.
    pub asked: String,
    /// The answer.
    pub found: String,
    /// The row that gives the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<RowRef>,
}

/// A row of a config table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowRef {
    /// The table.
    pub table: TableName,
    /// `PartitionKey`.
    pub partition_key: String,
    /// `RowKey`.
    pub row_key: String,
}

impl fmt::Display for RowRef {
    /// `rules contoso/100-toasters`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.table.as_str();
        write!(f, "{table} {}/{}", self.partition_key, self.row_key)
    }
}

impl RowRef {
    pub(crate) fn new(table: TableName, partition_key: &str, row_key: &str) -> Self {
        Self {
            table,
            partition_key: partition_key.to_owned(),
            row_key: row_key.to_owned(),
        }
    }
}

/// Why a hub was chosen or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HubVerdict {
    /// The host name.
    pub hub: String,
    /// The verdict as a word.
    pub verdict: Verdict,
    /// The reason in words.
    pub because: String,
}

/// Why a hub was chosen or not, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// The hub of the answer.
    Chosen,
    /// In the table, but not in the request's `linkedHubs`.
    NotLinked,
    /// In `linkedHubs`, but not in the table.
    NotInTable,
    /// In none of the tenant's pools.
    NotInPools,
    /// Its `tenants` names other tenants only.
    ForOtherTenants,
    /// In none of the pools that the rule names.
    NotInRulePools,
    /// Outside the geographies of the tenant, the enrollment or the device's row.
    OutsideResidency,
    /// In another namespace of Azure Device Registry than the enrollment.
    NotInNamespace,
    /// An MQTT v5 hub for a device that cannot use one, or a classic hub for one with MQTT v5 only.
    OtherProfile,
    /// A rule or the device's row names another hub.
    NotFixedHub,
    /// Accepts and keeps no device.
    Closed,
    /// The device keeps the hub that it has.
    NotCurrentHub,
    /// The rollout moves devices to other hubs.
    NotInRollout,
    /// Accepts no new devices.
    Draining,
    /// A lower tier has a hub left.
    HigherTier,
    /// Beyond the tolerance of the nearest hub.
    TooFar,
    /// It is not as much nearer as the rollout asks for.
    GainTooSmall,
    /// Its latency is neither measured nor estimated.
    LatencyUnknown,
    /// Another hub has a weight.
    WeightZero,
    /// Another hub comes first.
    NotFirst,
    /// The weighted hash chose another hub.
    NotDrawn,
    /// The registration was refused before a hub could be chosen.
    NotReached,
}
