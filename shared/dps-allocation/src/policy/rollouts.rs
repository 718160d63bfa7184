//! The `rollouts` table.

use jiff::Timestamp;

use super::Scoped;
use super::build::Build;
use crate::bucket::{BucketSalt, Share};
use crate::hubs::HubSet;
use crate::pattern::Pattern;
use crate::rollout::{Ramp, Steps};
use crate::tables::{Column, TableName, instant, items};

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
    pub(crate) brings_back: bool,
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
    Aborted,
}

impl Rollout {
    /// The share of devices that the rollout has reached.
    pub(crate) fn share(&self, now: Timestamp) -> Share {
        let at = match self.state {
            RolloutState::Paused(at) => at.min(now),
            RolloutState::Running | RolloutState::Aborted => now,
        };
        self.steps
            .as_ref()
            .map_or(Share::default(), |steps| steps.share(self.ramp, at))
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
                "it leads nowhere",
                "name the hubs or pools to move to",
            );
        }
        let steps = row
            .get(Column::Steps)
            .and_then(|steps| Steps::parse(steps).ok());
        let help = "write steps such as 2026-12-01=1% 2026-12-08=10%, or 100% for all at once";
        build.missing(&row, Column::Steps, "there is no step", help);
        let paused_at = row.get(Column::PausedAt).and_then(instant);
        let state = match (row.get(Column::State), paused_at) {
            (Some("paused"), Some(at)) => RolloutState::Paused(at),
            (Some("paused"), None) => {
                let help = "write when it was paused: the share stays as it was then";
                build.missing(
                    &row,
                    Column::PausedAt,
                    "a paused rollout needs a time",
                    help,
                );
                RolloutState::Aborted
            }
            (Some("aborted"), _) => RolloutState::Aborted,
            _ => RolloutState::Running,
        };
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

fn patterns(cell: Option<&str>) -> Vec<Pattern> {
    cell.into_iter().flat_map(items).map(Pattern::new).collect()
}
