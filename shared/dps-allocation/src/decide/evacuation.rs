//! A device that rollouts keep on a hub that is not open, until a later rollout moves it.

use super::context::Context;
use super::rows::{rollout_row, step};
use crate::policy::{HubIndex, HubSet, Rollout};
use crate::schema::Cohort;

/// The rollouts that keep the device where it is.
pub(super) struct Held<'a> {
    /// The first of them, which counts if no later rollout moves the device.
    pub(super) by: &'a Rollout,
    /// The hub that the device has.
    pub(super) on: HubIndex,
    /// The hubs from which one of them would move the device at its next registration.
    sources: HubSet,
    /// The first one that would, and its open hubs.
    mover: Option<(&'a Rollout, HubSet)>,
}

impl<'a> Held<'a> {
    pub(super) fn new(by: &'a Rollout, on: HubIndex) -> Self {
        let (sources, mover) = (HubSet::default(), None);
        Self {
            by,
            on,
            sources,
            mover,
        }
    }

    /// Adds a rollout that keeps the device.
    pub(super) fn add(&mut self, rollout: &'a Rollout, to: HubSet, open: HubSet) {
        if rollout.cohort != Cohort::New && !open.and(to).is_empty() {
            let from = rollout.from.unwrap_or(open).without(to);
            self.sources = self.sources.or(from);
            self.mover = self.mover.or(Some((rollout, open.and(to))));
        }
    }

    /// The hubs to which a later rollout moves the device, and the rollout that counts for it.
    ///
    /// Hubs from which an earlier rollout would move the device again are left out: it would move
    /// twice. If none remain, that rollout moves it to its own hubs at once.
    pub(super) fn destination(
        self,
        context: &mut Context<'_, '_>,
        hubs: HubSet,
        rollout: &'a Rollout,
        open: HubSet,
    ) -> (HubSet, &'a Rollout) {
        let rest = hubs.without(self.sources);
        match self.mover {
            Some((mover, own)) if rest.and(open).is_empty() => {
                context.trace.step(|| {
                    let asked = format!("rollout {}", mover.id);
                    let found = "it would take the device from there: leads it to its own hubs";
                    step("rollout", asked, found, Some(rollout_row(mover)))
                });
                (own, mover)
            }
            _ => (rest, rollout),
        }
    }
}
