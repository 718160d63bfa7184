//! Records the reasons of a decision, if the caller wants them.

use std::collections::BTreeMap;

use serde_json::value::to_raw_value;

use crate::decision::Decision;
use crate::explanation::{Explanation, HubVerdict, RowRef, Step, Verdict};
use crate::policy::{HubIndex, HubSet, Policy};
use crate::registration::Registration;

/// Records the reasons, or does nothing.
#[derive(Debug)]
pub(crate) enum Trace {
    Off,
    /// Only the row that decides.
    Row(Option<RowRef>),
    All(Recorded),
}

#[derive(Debug, Default)]
pub(crate) struct Recorded {
    steps: Vec<Step>,
    verdicts: BTreeMap<usize, (Verdict, String)>,
    decided_by: Option<RowRef>,
    tenant: Option<String>,
}

impl Trace {
    /// Records everything.
    pub(crate) fn all() -> Self {
        Self::All(Recorded::default())
    }

    /// The row that has decided, if it was recorded.
    pub(crate) fn into_row(self) -> Option<RowRef> {
        match self {
            Self::Off => None,
            Self::Row(row) => row,
            Self::All(recorded) => recorded.decided_by,
        }
    }

    fn recorded(&mut self) -> Option<&mut Recorded> {
        match self {
            Self::All(recorded) => Some(recorded),
            Self::Off | Self::Row(_) => None,
        }
    }

    /// Records a step.
    pub(crate) fn step(&mut self, make: impl FnOnce() -> Step) {
        if let Some(recorded) = self.recorded() {
            recorded.steps.push(make());
        }
    }

    /// Records why a step excludes hubs; the first verdict on a hub stands.
    pub(crate) fn exclude(
        &mut self,
        hubs: HubSet,
        verdict: Verdict,
        because: impl Fn(HubIndex) -> String,
    ) {
        if let Some(recorded) = self.recorded() {
            for hub in hubs.iter() {
                let entry = recorded.verdicts.entry(hub.position());
                entry.or_insert_with(|| (verdict, because(hub)));
            }
        }
    }

    /// Records that a hub is chosen, unless a step has excluded it.
    pub(crate) fn choose(&mut self, hub: HubIndex, because: &str) {
        self.exclude(hub.into(), Verdict::Chosen, |_| because.to_owned());
    }

    /// Records that the device stays on a hub, in place of the verdict on it as a hub for new devices.
    pub(crate) fn stays(&mut self, hub: HubIndex) {
        if let Some(recorded) = self.recorded() {
            let stays = (Verdict::Chosen, "the device's current hub".to_owned());
            recorded.verdicts.insert(hub.position(), stays);
        }
    }

    /// Records which row decided.
    pub(crate) fn decided_by(&mut self, row: impl FnOnce() -> RowRef) {
        match self {
            Self::Off => {}
            Self::Row(decided_by) | Self::All(Recorded { decided_by, .. }) => {
                *decided_by = Some(row());
            }
        }
    }

    /// Records the tenant.
    pub(crate) fn tenant(&mut self, id: &str) {
        if let Some(recorded) = self.recorded() {
            recorded.tenant = Some(id.to_owned());
        }
    }

    /// Combines the reasons with the decision.
    pub(crate) fn explain(
        self,
        policy: &Policy,
        registration: &Registration<'_>,
        decision: &Decision<'_>,
    ) -> Explanation {
        let Recorded {
            steps,
            verdicts,
            decided_by,
            tenant,
        } = match self {
            Self::All(recorded) => recorded,
            Self::Off | Self::Row(_) => Recorded::default(),
        };
        let (assignment, detail) = match decision {
            Decision::Assigned(assignment) => (Some(assignment), None),
            Decision::Refused(refusal) => (None, Some(refusal.detail.clone())),
            Decision::Unavailable(_) => (None, None),
        };
        let answer = assignment.map(|assignment| assignment.hub);
        let mut hubs = hub_verdicts(policy, registration, &verdicts, answer);
        if assignment.is_none() {
            not_chosen(&mut hubs);
        }
        Explanation {
            registration_id: registration.id.as_str().to_owned(),
            revision: policy.revision(),
            outcome: decision.outcome(),
            reason: decision.reason(),
            detail,
            decided_by,
            tenant,
            rollout: assignment.and_then(|it| it.rollout).map(str::to_owned),
            twin_effect: assignment.map(|it| it.twin_effect),
            response: assignment.and_then(|it| to_raw_value(&it.response()).ok()),
            steps: as_documented(steps),
            hubs,
        }
    }
}

/// Puts the step `stay` before the rollouts, as the documentation does. The decision asks the
/// rollouts first, since one of them may move a device that could stay.
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

/// When the twin of a chosen hub is refused, no hub is chosen.
fn not_chosen(hubs: &mut [HubVerdict]) {
    for hub in hubs.iter_mut().filter(|hub| hub.verdict == Verdict::Chosen) {
        hub.verdict = Verdict::NotReached;
        hub.because = "it would have been the answer".into();
    }
}

fn hub_verdicts(
    policy: &Policy,
    registration: &Registration<'_>,
    verdicts: &BTreeMap<usize, (Verdict, String)>,
    answer: Option<&str>,
) -> Vec<HubVerdict> {
    let not_reached = || {
        (
            Verdict::NotReached,
            "the registration was refused".to_owned(),
        )
    };
    let known = policy.hubs.hosts().enumerate().map(|(position, host)| {
        let recorded = verdicts.get(&position).cloned();
        let (verdict, because) = recorded.unwrap_or_else(not_reached);
        HubVerdict {
            hub: host.to_owned(),
            verdict,
            because,
        }
    });
    let mut hubs: Vec<HubVerdict> = known.collect();
    for host in &registration.linked_hubs {
        if policy.hubs.find(host).is_none() {
            let (verdict, because) = if answer == Some(&**host) {
                let because = "the device's current hub, which is not in the hubs table";
                (Verdict::Chosen, because)
            } else {
                (Verdict::NotInTable, "linked, but not in the hubs table")
            };
            hubs.push(HubVerdict {
                hub: host.to_string(),
                verdict,
                because: because.to_owned(),
            });
        }
    }
    hubs.sort_by_cached_key(|hub| hub.hub.to_ascii_lowercase());
    hubs
}
