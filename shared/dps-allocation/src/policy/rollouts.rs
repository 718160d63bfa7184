//! The `rollouts` table.

use jiff::Timestamp;

use super::Scoped;
use super::build::Build;
use crate::bucket::{BucketSalt, Share};
use crate::hubs::HubSet;
use crate::pattern::Pattern;
use crate::rollout::{Ramp, Steps};
use crate::tables::{CanonicalRow, Column, TableName, instant, items};

/// A row of the table; numbers refer to parts of the policy.
#[derive(Debug)]
pub(crate) struct Rollout {
    /// `PartitionKey`: a tenant or `*`.
    pub(crate) scope: Box<str>,
    /// `RowKey`.
    pub(crate) id: Box<str>,
    pub(crate) line: u32,
    /// The hubs that devices leave; none: any.
    pub(crate) from: Option<HubSet>,
    pub(crate) to: HubSet,
    pub(crate) cohort: Cohort,
    pub(crate) when: Option<u32>,
    pub(crate) state: RolloutState,
    brings_back: bool,
    pub(crate) include: Vec<Pattern>,
    pub(crate) exclude: Vec<Pattern>,
    pub(crate) salt: BucketSalt,
    pub(crate) twin: Option<u32>,
    steps: Option<Steps>,
    ramp: Ramp,
}

/// Which devices a rollout may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cohort {
    /// Those without a hub.
    New,
    /// Those with a hub.
    Existing,
    All,
}

/// Whether a rollout goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RolloutState {
    Running,
    /// The share stays as it was then.
    Paused(Timestamp),
    /// It moves nobody; what it had reached then is all that it can have moved. None: nobody
    /// knows when.
    Aborted(Option<Timestamp>),
}

/// What stopped a share from growing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frozen {
    /// Nothing: it grows with time.
    Not,
    Paused,
    Aborted,
    /// It was aborted at a time that is missing or still to come.
    AbortedSometime,
}

impl Rollout {
    /// The share of devices that the rollout has reached, and what froze it.
    ///
    /// A rollout that was aborted at an unknown time, or at one that is still to come, has certainly
    /// reached only what its steps hold without a time.
    pub(crate) fn share(&self, now: Timestamp) -> (Share, Frozen) {
        let (at, frozen) = match self.state {
            RolloutState::Running => (Some(now), Frozen::Not),
            RolloutState::Paused(at) => (Some(at.min(now)), Frozen::Paused),
            RolloutState::Aborted(at) => match at.filter(|at| *at <= now) {
                Some(at) => (Some(at), Frozen::Aborted),
                None => (None, Frozen::AbortedSometime),
            },
        };
        let share = self.steps.as_ref().map(|steps| match at {
            Some(at) => steps.share(self.ramp, at),
            None => steps.share_without_time(),
        });
        (share.unwrap_or_default(), frozen)
    }

    /// Whether it brings back the devices that it may have moved.
    pub(crate) fn returns(&self) -> bool {
        self.brings_back && matches!(self.state, RolloutState::Aborted(_))
    }
}

pub(super) fn build(build: &mut Build<'_>) -> Scoped<Rollout> {
    let mut rollouts = Vec::new();
    for row in build.rows.rows(TableName::Rollouts) {
        build.check_scope(&row);
        let to = build.hubs_or_pools(&row, Column::To);
        if to.is_none() {
            build.missing(
                &row,
                Column::To,
                "the rollout has no target",
                "name the hubs or pools to move to",
            );
        }
        let steps = row
            .get(Column::Steps)
            .and_then(|steps| Steps::parse(steps).ok());
        let help = "write steps such as 2026-12-01=1% 2026-12-08=10%, or 100% for all at once";
        build.missing(&row, Column::Steps, "there is no step", help);
        let state = state(build, &row, steps.as_ref());
        let rollout = Rollout {
            scope: row.partition().into(),
            id: row.key().into(),
            line: row.place().line,
            from: build.hubs_or_pools(&row, Column::From),
            to: to.unwrap_or_default(),
            cohort: match row.get(Column::Cohort) {
                Some("new") => Cohort::New,
                Some("existing") => Cohort::Existing,
                _ => Cohort::All,
            },
            when: build.expression(&row, Column::When),
            state,
            brings_back: row.get(Column::Return) == Some("true"),
            include: patterns(row.get(Column::Include)),
            exclude: patterns(row.get(Column::Exclude)),
            salt: BucketSalt::new(row.get(Column::Salt).unwrap_or(row.key())),
            twin: build.twin(&row, row.partition()),
            steps,
            ramp: match row.get(Column::Ramp) {
                Some("linear") => Ramp::Linear,
                _ => Ramp::Step,
            },
        };
        rollouts.push((build.tenant_ids.number(row.partition()), rollout));
    }
    Scoped::new(rollouts)
}

/// The state, with the time from which on the share does not grow.
///
/// An aborted rollout that had been paused before stopped growing then.
fn state<'c>(build: &mut Build<'c>, row: &CanonicalRow<'c>, steps: Option<&Steps>) -> RolloutState {
    let time = |column| row.get(column).and_then(instant);
    let (paused_at, aborted_at) = (time(Column::PausedAt), time(Column::AbortedAt));
    let mut idle = |column: Column, rule: &str, help: &str| {
        if row.get(column).is_some() {
            let finding = row.place().warning(column.as_str(), rule, help);
            build.findings.push(finding);
        }
    };
    if row.has_unread(Column::State) {
        return RolloutState::Running;
    }
    match (row.get(Column::State), paused_at) {
        (Some("aborted"), _) => {
            let since = [paused_at, aborted_at].into_iter().flatten().min();
            let depends = steps.is_some_and(Steps::have_times);
            if depends && row.get(Column::Return) == Some("true") && !row.has(Column::AbortedAt) {
                let rule = "abortedAt is missing: the rollout brings back only devices that its steps \
                            or `include` selected without a time, or before `pausedAt`";
                let help = "write the time in abortedAt, such as 2026-12-01T08:00Z";
                let column = Column::AbortedAt.as_str();
                build.findings.push(row.place().warning(column, rule, help));
            }
            RolloutState::Aborted(since)
        }
        (Some("paused"), Some(at)) => {
            idle(Column::AbortedAt, NOT_ABORTED, HELP_ABORTED);
            RolloutState::Paused(at)
        }
        (Some("paused"), None) => {
            let rule = "a paused rollout needs a time";
            let help = "write when it was paused: the share stays as it was then";
            build.missing(row, Column::PausedAt, rule, help);
            RolloutState::Aborted(None)
        }
        _ => {
            let help = "remove the time, or set state to paused; when the rollout is aborted, its \
                        share counts as of this time";
            idle(Column::PausedAt, "the rollout is not paused", help);
            idle(Column::AbortedAt, NOT_ABORTED, HELP_ABORTED);
            RolloutState::Running
        }
    }
}

const NOT_ABORTED: &str = "the rollout is not aborted";

const HELP_ABORTED: &str = "remove the time, or set state to aborted";

fn patterns(cell: Option<&str>) -> Vec<Pattern> {
    cell.into_iter().flat_map(items).map(Pattern::new).collect()
}
