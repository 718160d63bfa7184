//! The reasons of a decision, kept only when somebody asks.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::decision::{Decision, TwinEffect};
use crate::hubs::{HubIndex, HubSet};
use crate::policy::{Policy, Revision};
use crate::registration::Registration;
use crate::tables::TableName;
use crate::wire::AllocationResponse;

/// The whole reasoning about one registration.
#[derive(Clone, Debug, Serialize)]
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
    /// The row that decided, where one row did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<RowRef>,
    /// The tenant, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The rollout that took the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<String>,
    /// Whether DPS will apply an initial twin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twin_effect: Option<TwinEffect>,
    /// What DPS is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Box<RawValue>>,
    /// What was asked and found, in order.
    pub steps: Vec<Step>,
    /// Every hub that the policy knows or the request links, in host-name order.
    pub hubs: Vec<HubVerdict>,
}

/// One step of the reasoning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The step of the decision.
    pub step: &'static str,
    /// What was asked.
    pub asked: String,
    /// What was found.
    pub found: String,
    /// The row that answered.
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
    /// What it rests on.
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
    /// In none of the pools that the rule leaves.
    NotInRulePools,
    /// Outside the tenant's geographies.
    OutsideResidency,
    /// In another namespace of Azure Device Registry than the enrollment.
    NotInNamespace,
    /// An MQTT v5 hub for a device that cannot use one, or a classic hub for one with MQTT v5 only.
    OtherProfile,
    /// A rule or the device's row names another hub.
    NotFixedHub,
    /// Takes and keeps nobody.
    Closed,
    /// The device keeps the hub that it has.
    NotCurrentHub,
    /// The rollout leads to other hubs.
    NotInRollout,
    /// Takes no newcomers.
    Draining,
    /// A lower tier has a hub left.
    HigherTier,
    /// Beyond the tolerance of the nearest hub.
    TooFar,
    /// Neither measured nor to be estimated.
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

/// Whether the device stays is documented as a step before the rollouts; a rollout is asked first,
/// since it may move a device that could stay.
fn as_documented(mut steps: Vec<Step>) -> Vec<Step> {
    let place = |name: &str| steps.iter().position(|step| step.step == name);
    if let (Some(rollout), Some(stay)) = (place("rollout"), place("stay"))
        && rollout < stay
        && let Some(between) = steps.get_mut(rollout..=stay)
    {
        between.rotate_right(1);
    }
    steps
}

/// Keeps the reasons, or does nothing.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    kept: Option<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    steps: Vec<Step>,
    verdicts: BTreeMap<usize, (Verdict, String)>,
    decided_by: Option<RowRef>,
    tenant: Option<String>,
}

impl Trace {
    /// Does nothing.
    pub(crate) fn off() -> Self {
        Self::default()
    }

    /// Keeps everything.
    pub(crate) fn on() -> Self {
        Self {
            kept: Some(Kept::default()),
        }
    }

    /// Keeps a step.
    pub(crate) fn step(&mut self, make: impl FnOnce() -> Step) {
        if let Some(kept) = &mut self.kept {
            kept.steps.push(make());
        }
    }

    /// Keeps the verdict on hubs that a step leaves out; the first verdict on a hub stands.
    pub(crate) fn leave_out(
        &mut self,
        hubs: HubSet,
        verdict: Verdict,
        because: impl Fn(HubIndex) -> String,
    ) {
        if let Some(kept) = &mut self.kept {
            for hub in hubs.iter() {
                let entry = kept.verdicts.entry(hub.position());
                entry.or_insert_with(|| (verdict, because(hub)));
            }
        }
    }

    /// Keeps that the device stays on a hub, whatever has been said of it as a place for newcomers.
    pub(crate) fn stays(&mut self, hub: HubIndex) {
        if let Some(kept) = &mut self.kept {
            let stays = (Verdict::Chosen, "the device's current hub".to_owned());
            kept.verdicts.insert(hub.position(), stays);
        }
    }

    /// Keeps which row decided.
    pub(crate) fn decided_by(&mut self, row: impl FnOnce() -> RowRef) {
        if let Some(kept) = &mut self.kept {
            kept.decided_by = Some(row());
        }
    }

    /// Keeps the tenant.
    pub(crate) fn tenant(&mut self, id: &str) {
        if let Some(kept) = &mut self.kept {
            kept.tenant = Some(id.to_owned());
        }
    }

    /// Puts the reasons together with the decision that they led to.
    pub(crate) fn explain(
        self,
        policy: &Policy,
        registration: &Registration<'_>,
        decision: &Decision<'_>,
    ) -> Explanation {
        let Kept {
            steps,
            verdicts,
            decided_by,
            tenant,
        } = self.kept.unwrap_or_default();
        let mut explanation = Explanation {
            registration_id: registration.id.as_str().to_owned(),
            revision: policy.revision(),
            outcome: "refused",
            reason: "",
            detail: None,
            decided_by,
            tenant,
            rollout: None,
            twin_effect: None,
            response: None,
            steps: as_documented(steps),
            hubs: hub_verdicts(policy, registration, &verdicts),
        };
        match decision {
            Decision::Assigned(assignment) => {
                explanation.outcome = "assigned";
                explanation.reason = assignment.reason.as_str();
                explanation.rollout = assignment.rollout.map(str::to_owned);
                explanation.twin_effect = Some(assignment.twin_effect);
                explanation.response = raw(&assignment.response());
            }
            Decision::Refused(refusal) => {
                explanation.reason = refusal.reason.as_str();
                explanation.detail = Some(refusal.detail.clone());
            }
            Decision::Unavailable(unavailable) => {
                explanation.outcome = "unavailable";
                explanation.reason = unavailable.as_str();
            }
        }
        if explanation.response.is_none() {
            not_chosen(&mut explanation.hubs);
        }
        explanation
    }
}

/// A refusal after the choice of a hub, by its twin, leaves no hub chosen.
fn not_chosen(hubs: &mut [HubVerdict]) {
    for hub in hubs.iter_mut().filter(|hub| hub.verdict == Verdict::Chosen) {
        hub.verdict = Verdict::NotReached;
        hub.because = "it would have been the answer".into();
    }
}

fn raw(response: &AllocationResponse<'_>) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(response).ok()
}

fn hub_verdicts(
    policy: &Policy,
    registration: &Registration<'_>,
    verdicts: &BTreeMap<usize, (Verdict, String)>,
) -> Vec<HubVerdict> {
    let not_reached = || {
        (
            Verdict::NotReached,
            "the registration was refused".to_owned(),
        )
    };
    let known = policy.hubs.hosts().enumerate().map(|(position, host)| {
        let kept = verdicts.get(&position).cloned();
        let (verdict, because) = kept.unwrap_or_else(not_reached);
        HubVerdict {
            hub: host.to_owned(),
            verdict,
            because,
        }
    });
    let mut hubs: Vec<HubVerdict> = known.collect();
    for host in &registration.linked_hubs {
        if policy.hubs.find(host).is_none() {
            hubs.push(HubVerdict {
                hub: host.to_string(),
                verdict: Verdict::NotInTable,
                because: "linked, but not in the hubs table".to_owned(),
            });
        }
    }
    hubs.sort_by_cached_key(|hub| hub.hub.to_ascii_lowercase());
    hubs
}
