//! What tools may see of a rollout.

use jiff::Timestamp;

use super::hub_set::HubSet;
use super::policy::Policy;
use super::rollouts::{Rollout, RolloutState};
use crate::hash::bucket::Share;
use crate::rollout::Steps;
use crate::schema::Ramp;

/// A row of the `rollouts` table of a policy.
#[derive(Clone, Copy, Debug)]
pub struct RolloutView<'p> {
    policy: &'p Policy,
    rollout: &'p Rollout,
}

impl Policy {
    /// The rollouts: those of `*`, then those of each tenant that has its own, in the order in which
    /// they are asked.
    pub fn rollouts(&self) -> impl Iterator<Item = RolloutView<'_>> {
        let rollouts = self.rollouts.each().map(|(_, rollout)| rollout);
        rollouts.map(|rollout| RolloutView {
            policy: self,
            rollout,
        })
    }
}

impl<'p> RolloutView<'p> {
    /// `PartitionKey`: a tenant or `*`.
    #[must_use]
    pub fn scope(&self) -> &'p str {
        &self.rollout.scope
    }

    /// `RowKey`.
    #[must_use]
    pub fn id(&self) -> &'p str {
        &self.rollout.id
    }

    /// Whether it proceeds.
    #[must_use]
    pub fn state(&self) -> RolloutState {
        self.rollout.state
    }

    /// Whether it is aborted and brings devices back.
    #[must_use]
    pub fn returns(&self) -> bool {
        self.rollout.returns()
    }

    /// The share of devices that it has reached.
    #[must_use]
    pub fn share(&self, now: Timestamp) -> Share {
        self.rollout.share(now).0
    }

    /// Its steps; a policy without errors has them.
    #[must_use]
    pub fn steps(&self) -> Option<&'p Steps> {
        self.rollout.steps.as_ref()
    }

    /// How the share grows from one step to the next.
    #[must_use]
    pub fn ramp(&self) -> Ramp {
        self.rollout.ramp
    }

    /// The hubs that it empties, by their classic host names; none: any.
    #[must_use]
    pub fn from(&self) -> Option<Vec<&'p str>> {
        self.rollout.from.map(|hubs| self.hosts(hubs))
    }

    /// The hubs that it leads to; none: it moves no device.
    #[must_use]
    pub fn to(&self) -> Option<Vec<&'p str>> {
        self.rollout.to.map(|hubs| self.hosts(hubs))
    }

    fn hosts(&self, hubs: HubSet) -> Vec<&'p str> {
        hubs.iter().map(|hub| self.policy.hubs.host(hub)).collect()
    }
}
