//! Hubs in the order in which they are to be used.

use super::hub_set::{HubIndex, HubSet};
use crate::schema::MAX_LISTED_HUBS;

/// Hubs in the order in which they are to be used; none of them twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HubList {
    count: u8,
    /// Those beyond `count` mean nothing.
    hubs: [HubIndex; MAX_LISTED_HUBS],
}

impl HubList {
    /// Adds a hub as the last one, unless it is in the list or the list is full.
    pub(crate) fn push(&mut self, hub: HubIndex) {
        if self.iter().any(|known| known == hub) {
            return;
        }
        if let Some(last) = self.hubs.get_mut(usize::from(self.count)) {
            *last = hub;
            self.count += 1;
        }
    }

    /// The hubs in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = HubIndex> + Clone {
        self.hubs.into_iter().take(usize::from(self.count))
    }

    pub(crate) fn is_empty(self) -> bool {
        self.count == 0
    }

    /// The hubs without their order.
    pub(crate) fn set(self) -> HubSet {
        self.iter().collect()
    }
}
