//! Keeps predictions small: what matters least is left out first.

use std::cmp::Reverse;

use super::model::{LeftOut, Prediction};

/// Most flows: a thousand tenants that each leave a hub.
const FLOWS: usize = 1000;

/// Most hubs: four times as many as DPS links.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
const HUBS: usize = 200;

impl Prediction {
    pub(super) fn bound(&mut self) {
        self.cut(FLOWS, HUBS);
    }

    /// Leaves out half of it; returns whether there was anything.
    pub fn halve(&mut self) -> bool {
        let (flows, hubs) = (self.flows.len(), self.load.len());
        self.cut(flows / 2, hubs / 2);
        flows + hubs > 0
    }

    fn cut(&mut self, flows: usize, hubs: usize) {
        let cut = self.flows.split_off(flows.min(self.flows.len()));
        let mut order: Vec<usize> = (0..self.load.len()).collect();
        let devices = |at: &usize| {
            self.load
                .get(*at)
                .map(|it| it.now.max(it.before).max(it.after))
        };
        order.sort_by_key(|at| Reverse(devices(at)));
        let dropped = order.split_off(hubs.min(order.len()));
        let mut at = 0..;
        self.load
            .retain(|_| at.next().is_none_or(|at| !dropped.contains(&at)));
        if cut.is_empty() && dropped.is_empty() {
            return;
        }
        let left_out = self.left_out.get_or_insert_with(LeftOut::default);
        left_out.flows += cut.len() as u64;
        left_out.devices += cut.iter().map(|it| it.devices).sum::<u64>();
        left_out.hubs += dropped.len() as u64;
    }
}
