//! Where a rollout stands.

use dps_allocation::bucket::Share;
use dps_allocation::rollout::{ShareStep, Steps};
use dps_allocation::{Policy, RolloutState, RolloutView, nearest};
use jiff::Timestamp;
use serde::Serialize;

use super::error::RolloutError;

/// What a rollout does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Its first step has not come.
    Planned,
    /// The share grows.
    Running,
    /// The last step is reached; it goes on selecting devices that register.
    Complete,
    /// The share does not grow.
    Paused,
    /// It selects no device.
    Stopped,
    /// It brings devices back.
    Returning,
}

impl Phase {
    /// The word for people and programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Returning => "returning",
        }
    }
}

/// Where a rollout stands at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The tenant, or `*`.
    pub tenant: String,
    /// The id of the rollout.
    pub id: String,
    /// What it does.
    pub phase: Phase,
    /// The share that it has reached, such as `10%`.
    pub share: String,
    /// The hubs that it empties, by their classic host names; `None`: any.
    pub from: Option<Vec<String>>,
    /// The hubs that it leads to; `None`: it only adds a twin.
    pub to: Option<Vec<String>>,
    /// Since when it is paused or stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The next step, if the share still grows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextStep>,
    /// The last step, if the share still grows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<NextStep>,
}

/// A step that is to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NextStep {
    /// When it is reached.
    pub at: Timestamp,
    /// The share from then on.
    pub share: String,
    /// Seconds until then.
    pub seconds: i64,
}

impl NextStep {
    fn of(step: ShareStep, now: Timestamp) -> Option<Self> {
        let at = step.at.filter(|at| *at > now)?;
        Some(Self {
            at,
            share: step.share.to_string(),
            seconds: at.as_second() - now.as_second(),
        })
    }
}

/// Each rollout of a policy, those of `*` first, then by tenant, in the order in which they are
/// asked.
#[must_use]
pub fn statuses(policy: &Policy, now: Timestamp) -> Vec<Status> {
    policy.rollouts().map(|it| Status::of(it, now)).collect()
}

/// The only rollout of that id, or of that `tenant/id`.
///
/// # Errors
/// [`RolloutError`] when there is none, or there are several.
pub fn find<'p>(policy: &'p Policy, id: &str) -> Result<RolloutView<'p>, RolloutError> {
    let keys = |it: &RolloutView<'_>| format!("{}/{}", it.scope(), it.id());
    let found: Vec<RolloutView<'p>> = policy
        .rollouts()
        .filter(|it| it.id() == id || keys(it).eq_ignore_ascii_case(id))
        .collect();
    match &*found {
        [one] => Ok(*one),
        [] => {
            let ids: Vec<&str> = policy.rollouts().map(|it| it.id()).collect();
            let meant = nearest(id, ids.iter().copied());
            let meant = meant.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
            Err(RolloutError::Unknown(id.to_owned(), meant))
        }
        several => Err(RolloutError::Ambiguous {
            id: id.to_owned(),
            several: several.iter().map(keys).collect::<Vec<_>>().join(", "),
        }),
    }
}

impl Status {
    /// Where the rollout stands.
    #[must_use]
    pub fn of(rollout: RolloutView<'_>, now: Timestamp) -> Self {
        let share = rollout.share(now);
        let steps = || rollout.steps().into_iter().flat_map(Steps::iter);
        let (phase, since) = match rollout.state() {
            RolloutState::Running => (running(share, &steps().collect::<Vec<_>>(), now), None),
            RolloutState::Paused(at) => (Phase::Paused, Some(at)),
            RolloutState::Aborted(at) if rollout.returns() => (Phase::Returning, at),
            RolloutState::Aborted(at) => (Phase::Stopped, at),
        };
        let grows = rollout.state() == RolloutState::Running;
        let mut coming = steps().filter_map(|step| NextStep::of(step, now));
        let hosts = |hubs: Vec<&str>| hubs.into_iter().map(str::to_owned).collect();
        Self {
            tenant: rollout.scope().to_owned(),
            id: rollout.id().to_owned(),
            phase,
            share: share.to_string(),
            from: rollout.from().map(hosts),
            to: rollout.to().map(hosts),
            since,
            next: coming.next().filter(|_| grows),
            last: steps()
                .last()
                .and_then(|step| NextStep::of(step, now))
                .filter(|_| grows),
        }
    }
}

fn running(share: Share, steps: &[ShareStep], now: Timestamp) -> Phase {
    let is_to_come = |step: &&ShareStep| step.at.is_some_and(|at| at > now);
    let to_come = steps.iter().filter(is_to_come).count();
    match to_come {
        0 => Phase::Complete,
        _ if to_come == steps.len() && share == Share::default() => Phase::Planned,
        _ => Phase::Running,
    }
}
