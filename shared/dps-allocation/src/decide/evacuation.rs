//! A device that rollouts keep on a hub that is not open, until a later rollout takes it.

use super::context::Context;
use super::rows::{rollout_row, step};
use crate::policy::{HubSet, Rollout};
use crate::schema::Cohort;

/// The rollouts that keep the device where it is.
pub(super) struct Held<'a> {
    /// The first of them, which counts if no later rollout takes the device.
    pub(super) by: &'a Rollout,
    /// The hubs from which one of them would take the device at its next registration.
    fetches: HubSet,
    /// The first one that would, and its open hubs.
    fetcher: Option<(&'a Rollout, HubSet)>,
}

impl<'a> Held<'a> {
    /// With one more rollout that keeps the device.
    pub(super) fn by(held: Option<Self>, rollout: &'a Rollout, to: HubSet, open: HubSet) -> Self {
        let mut held = held.unwrap_or(Self {
            by: rollout,
            fetches: HubSet::default(),
            fetcher: None,
        });
        if rollout.cohort != Cohort::New && !open.and(to).is_empty() {
            let taken = rollout.from.unwrap_or(open).without(to);
            held.fetches = held.fetches.or(taken);
            held.fetcher = held.fetcher.or(Some((rollout, open.and(to))));
        }
        held
    }

    /// Where a later rollout leads the device, and which rollout counts for it.
    ///
    /// Not to hubs from which an earlier one would take it again: the device would move twice. If
    /// there are no others, the earlier one leads it to its own hubs at once.
    pub(super) fn taken(
        self,
        context: &mut Context<'_, '_>,
        rollout: &'a Rollout,
        hubs: HubSet,
        open: HubSet,
    ) -> (HubSet, &'a Rollout) {
        let rest = hubs.without(self.fetches);
        match self.fetcher {
            Some((fetcher, own)) if rest.and(open).is_empty() => {
                context.trace.step(|| {
                    let asked = format!("rollout {}", fetcher.id);
                    let found = "it would take the device from there: leads it to its own hubs";
                    step("rollout", asked, found, Some(rollout_row(fetcher)))
                });
                (own, fetcher)
            }
            _ => (rest, rollout),
        }
    }
}
