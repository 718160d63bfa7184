//! What a policy answers a class of devices: every hub that one of them may get.

use std::collections::BTreeSet;
use std::fmt;

use dps_allocation::tables::{Column, TableName};
use dps_allocation::{
    AssignedReason, Decision, DeviceFact, Evidence, Facts, Registration, Verdict, Version, replay,
};

use super::side::Side;

/// What a device of a class gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) tenant: Option<String>,
    /// The hubs of which its hash chooses one; `None`: it is refused.
    pub(super) hubs: BTreeSet<String>,
    /// Why it is refused.
    pub(super) refused: Option<&'static str>,
    /// What was asked about the nearest of several hubs; nothing if they are not placed so.
    pub(super) located: Vec<String>,
    /// The group that the device's row names: its hash chooses the hub, in place of that of the id.
    pub(super) group: Option<String>,
    /// The rollout that selected it; of a single decision none, since only the hub counts there.
    pub(super) rollout: Option<String>,
}

impl Answer {
    /// What a decision says of the whole class.
    pub(super) fn of(
        decision: &Decision<'_>,
        side: &Side<'_>,
        registration: &Registration<'_>,
        facts: &Facts<'_>,
        version: Version,
        evidence: &Evidence,
    ) -> Self {
        let assigned = match decision {
            Decision::Assigned(assigned) => assigned,
            Decision::Refused(_) | Decision::Unavailable(_) => {
                return Self {
                    tenant: decision.tenant().map(str::to_owned),
                    refused: Some(decision.reason()),
                    ..Self::nothing()
                };
            }
        };
        let mut hubs = BTreeSet::from([assigned.hub_name.clone().into_owned()]);
        let mut located = Vec::new();
        let is_drawn = !matches!(
            assigned.reason,
            AssignedReason::Stay | AssignedReason::StayUnlisted | AssignedReason::StayUnverified
        );
        if is_drawn && let Ok(found) = replay(side.policy, registration, facts, version, evidence) {
            let steps = found.steps.into_iter().filter(|it| it.step == "latency");
            located.extend(steps.map(|it| it.asked));
            let drawn = found.hubs.into_iter();
            hubs.extend(
                drawn
                    .filter(|it| matches!(it.verdict, Verdict::Chosen | Verdict::NotDrawn))
                    .map(|it| it.hub),
            );
        }
        Self {
            tenant: assigned.tenant.map(str::to_owned),
            hubs,
            located,
            group: group(side, registration, facts),
            rollout: assigned.rollout.map(str::to_owned),
            refused: None,
        }
    }

    /// Without a tenant, a hub and a reason.
    pub(super) fn nothing() -> Self {
        Self {
            tenant: None,
            hubs: BTreeSet::new(),
            refused: None,
            located: Vec::new(),
            group: None,
            rollout: None,
        }
    }
}

/// The group in the row of the device, as it is hashed.
fn group(side: &Side<'_>, registration: &Registration<'_>, facts: &Facts<'_>) -> Option<String> {
    let DeviceFact::Row(_) = facts.device else {
        return None;
    };
    let row = side
        .rows
        .find(TableName::Devices, registration.id.as_str(), "device")?;
    Some(row.get(Column::Group)?.trim().to_lowercase())
}

/// Whether two answers are the same for each device: tenant and hubs are, and what chooses among
/// them.
pub(super) fn alike(first: &Answer, last: &Answer, sides: &[Side<'_>]) -> bool {
    let is_same =
        first.tenant == last.tenant && first.hubs == last.hubs && first.refused == last.refused;
    if !is_same {
        return false;
    }
    let (Some(before), Some(after)) = (sides.first(), sides.last()) else {
        return true;
    };
    let is_choice = first.hubs.len() > 1;
    gain(first, before) == gain(last, after)
        && (!is_choice
            || (first.located == last.located
                && first.group == last.group
                && choosing(first, before) == choosing(last, after)))
}

/// By how much nearer a hub must be, for the rollout to move a device there.
fn gain<'a>(answer: &Answer, side: &'a Side<'_>) -> Option<&'a str> {
    let (tenant, rollout) = (answer.tenant.as_deref(), answer.rollout.as_deref()?);
    let mut scopes = [tenant, Some("*")].into_iter().flatten();
    let row = scopes.find_map(|scope| side.rows.find(TableName::Rollouts, scope, rollout));
    row?.get(Column::MinGainMs)
}

const OF_TENANT: [Column; 5] = [
    Column::Salt,
    Column::Placement,
    Column::ToleranceMs,
    Column::LocationFrom,
    Column::GroupFrom,
];

/// The cells by which a hub is chosen among those of an answer.
fn choosing<'a>(answer: &Answer, side: &'a Side<'_>) -> Vec<&'a str> {
    let mut cells = Vec::new();
    let tenant = answer.tenant.as_deref().unwrap_or_default();
    let row = side.rows.find(TableName::Tenants, "tenant", tenant);
    let cell = |column| row.and_then(|row| row.get(column)).unwrap_or_default();
    cells.extend(OF_TENANT.map(cell));
    for hub in &answer.hubs {
        let row = side.rows.find(TableName::Hubs, "hub", hub);
        let cell = |column| row.and_then(|row| row.get(column)).unwrap_or_default();
        cells.extend([cell(Column::Weight), cell(Column::Region)]);
    }
    for row in side.rows.rows(TableName::Latency) {
        cells.extend(row.cells().map(|(_, text)| text));
    }
    cells
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(reason) = self.refused {
            return write!(f, "refused, {reason}");
        }
        let hubs: Vec<&str> = self.hubs.iter().map(String::as_str).collect();
        f.write_str(&hubs.join(" or "))
    }
}
