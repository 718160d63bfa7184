//! How many devices a hub may have.

use std::collections::BTreeMap;

use super::report::Simulation;

/// How many devices hubs may have.
#[derive(Clone, Debug, Default)]
pub struct Capacities {
    /// Of hubs that are not named.
    pub others: Option<u64>,
    /// By classic host name.
    pub hubs: BTreeMap<String, u64>,
}

impl Simulation {
    /// Says when hubs are full.
    #[must_use]
    pub fn with_capacities(mut self, capacities: &Capacities) -> Self {
        for hub in &mut self.hubs {
            let own = capacities.hubs.get(&hub.hub).copied();
            let Some(capacity) = own.or(capacities.others) else {
                continue;
            };
            hub.capacity = Some(capacity);
            let full = hub.devices.iter().position(|count| *count >= capacity);
            hub.full_from = full.and_then(|at| Some(self.moments.get(at)?.at));
        }
        self
    }
}
