//! Hubs without a row that devices keep.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// Most hubs that are named: DPS links at most 50 to one service.
///
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
const MAX_NAMED: usize = 50;

/// Counts the decisions since the start that let a device keep a hub without a row.
#[derive(Debug, Default)]
pub(super) struct UnlistedHubs(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    total: u64,
    /// By classic host name.
    of_hub: BTreeMap<String, u64>,
}

impl UnlistedHubs {
    /// Counts a decision; returns whether the hub is new in the list.
    pub(super) fn count(&self, hub: &str) -> bool {
        let mut kept = self.0.lock();
        kept.total += 1;
        if let Some(of_hub) = kept.of_hub.get_mut(hub) {
            *of_hub += 1;
            return false;
        }
        let is_new = kept.of_hub.len() < MAX_NAMED;
        if is_new {
            kept.of_hub.insert(hub.to_owned(), 1);
        }
        is_new
    }

    /// How many decisions there were.
    pub(super) fn total(&self) -> u64 {
        self.0.lock().total
    }

    /// How many decisions there were for each hub, as far as hubs are named.
    pub(super) fn of_hubs(&self) -> BTreeMap<String, u64> {
        self.0.lock().of_hub.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_50_hubs_are_named_and_every_decision_counts() {
        let hubs = UnlistedHubs::default();
        for n in 0..60 {
            assert_eq!(hubs.count(&format!("hub-{n}.net")), n < 50);
            assert!(!hubs.count("hub-0.net"));
        }
        assert_eq!(hubs.total(), 120);
        assert_eq!(hubs.of_hubs().len(), 50);
        assert_eq!(hubs.of_hubs().get("hub-0.net"), Some(&61));
    }
}
