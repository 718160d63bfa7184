//! Counts who goes where at the next registration, as the decision log will show it.

use std::collections::HashMap;

use super::place::Place;

/// From where to where, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FlowKey {
    pub(crate) tenant: Option<u32>,
    /// The hub that the device is on.
    pub(crate) from: Option<u32>,
    pub(crate) to: Place,
}

/// How many devices take each route, and how many of them because of the change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flows(HashMap<FlowKey, [u64; 2]>);

impl Flows {
    /// Counts a device, unless it stays.
    pub(super) fn add(&mut self, key: FlowKey, by_change: bool) {
        if key.from.map(Place::Hub) != Some(key.to) {
            self.count(key, [1, u64::from(by_change)]);
        }
    }

    /// Adds others, under the keys that they have here.
    pub(super) fn merge(&mut self, other: Self, mut here: impl FnMut(FlowKey) -> FlowKey) {
        for (key, counts) in other.0 {
            self.count(here(key), counts);
        }
    }

    /// Each with how many devices, and how many of them because of the change.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (FlowKey, [u64; 2])> {
        self.0.iter().map(|(key, counts)| (*key, *counts))
    }

    fn count(&mut self, key: FlowKey, [devices, by_change]: [u64; 2]) {
        let counts = self.0.entry(key).or_default();
        counts[0] += devices;
        counts[1] += by_change;
    }
}
