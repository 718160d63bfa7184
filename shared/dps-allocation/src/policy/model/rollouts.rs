//! The rows of the `rollouts` table.

use std::num::NonZeroU32;

use jiff::Timestamp;

use super::hub_set::HubSet;
use super::shared::Shared;
use super::twins::Twin;
use crate::expression::Expression;
use crate::finding::Place;
use crate::glob::Glob;
use crate::hash::bucket::{BucketSalt, Share};
use crate::rollout::Steps;
use crate::schema::{Cohort, Ramp, TableName};

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Rollout {
    /// `PartitionKey`: a tenant or `*`.
    pub(crate) scope: Box<str>,
    /// `RowKey`.
    pub(crate) id: Box<str>,
    /// The line of the CSV file, if the row comes from one.
    pub(crate) line: Option<NonZeroU32>,
    /// The hubs that devices leave; none: any.
    pub(crate) from: Option<HubSet>,
    /// The hubs to which it leads devices; none: it moves no device, and only adds its twin.
    pub(crate) to: Option<HubSet>,
    /// Whether it places the devices that it selects again, those on `to` too.
    pub(crate) anew: Option<Anew>,
    pub(crate) cohort: Cohort,
    pub(crate) when: Option<Shared<Expression>>,
    pub(crate) state: RolloutState,
    /// `return`: whether it brings devices back once it is aborted.
    pub(crate) brings_back: bool,
    pub(crate) include: Vec<Glob>,
    pub(crate) exclude: Vec<Glob>,
    pub(crate) salt: BucketSalt,
    pub(crate) twin: Option<Twin>,
    pub(crate) steps: Option<Steps>,
    pub(crate) ramp: Ramp,
}

/// How devices are placed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anew {
    /// With placement `latency`: by how much nearer a hub must be than an open one that the device
    /// has; none: that hub counts like any other.
    pub(crate) min_gain_ms: Option<u16>,
}

/// Whether a rollout proceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutState {
    /// The share grows with time.
    Running,
    /// The share stays as it was at this time.
    Paused(Timestamp),
    /// It moves no device. It may have moved devices within the share of this time; none: the time
    /// is unknown.
    Aborted(Option<Timestamp>),
}

/// What stopped a share from growing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frozen {
    /// Nothing: the share grows with time.
    Not,
    Paused,
    Aborted,
    /// It was aborted at a time that is missing or in the future.
    AbortedAtUnknownTime,
}

impl Rollout {
    /// Where findings about the row are.
    pub(crate) fn place(&self) -> Place {
        Place::row(TableName::Rollouts, &self.scope, &self.id, self.line)
    }

    /// The share of devices that the rollout has reached, and what froze it.
    ///
    /// A rollout that was aborted at an unknown or future time has certainly reached only the share
    /// of a first step without a time.
    pub(crate) fn share(&self, now: Timestamp) -> (Share, Frozen) {
        let (at, frozen) = match self.state {
            RolloutState::Running => (Some(now), Frozen::Not),
            RolloutState::Paused(at) => (Some(at.min(now)), Frozen::Paused),
            RolloutState::Aborted(at) => match at.filter(|at| *at <= now) {
                Some(at) => (Some(at), Frozen::Aborted),
                None => (None, Frozen::AbortedAtUnknownTime),
            },
        };
        let share = self.steps.as_ref().map(|steps| match at {
            Some(at) => steps.share(self.ramp, at),
            None => steps.share_without_time(),
        });
        (share.unwrap_or_default(), frozen)
    }

    pub(crate) fn is_aborted(&self) -> bool {
        matches!(self.state, RolloutState::Aborted(_))
    }

    /// Whether it brings back the devices that it may have moved.
    pub(crate) fn returns(&self) -> bool {
        self.brings_back && self.is_aborted()
    }
}
