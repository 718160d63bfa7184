//! How many devices each hub has at each moment, while they are counted.

use std::collections::BTreeMap;

use crate::fleet::Faults;

/// What some devices did.
#[derive(Debug, Default)]
pub(super) struct Load {
    /// By host name and moment: how many more devices than at the moment before.
    changes: BTreeMap<String, BTreeMap<usize, i64>>,
    pub(super) moves: BTreeMap<usize, u64>,
    pub(super) refused: BTreeMap<usize, u64>,
    pub(super) devices: u64,
    pub(super) undecidable: u64,
    /// What the fleet does not hold, by the row that reads it.
    pub(super) undecided: BTreeMap<String, u64>,
    pub(super) repeated: u64,
    pub(super) faults: Faults,
}

impl Load {
    pub(super) fn change(&mut self, hub: &str, moment: usize, by: i64) {
        let changes = match self.changes.get_mut(hub) {
            Some(changes) => changes,
            None => self.changes.entry(hub.to_owned()).or_default(),
        };
        *changes.entry(moment).or_default() += by;
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (hub, changes) in &other.changes {
            for (moment, by) in changes {
                self.change(hub, *moment, *by);
            }
        }
        add(&mut self.moves, other.moves);
        add(&mut self.refused, other.refused);
        add(&mut self.undecided, other.undecided);
        self.devices += other.devices;
        self.undecidable += other.undecidable;
        self.repeated += other.repeated;
        self.faults.merge(other.faults);
    }

    /// Each hub, with how many devices it has at each moment.
    pub(super) fn over_time(&self, moments: usize) -> impl Iterator<Item = (&str, Vec<u64>)> {
        self.changes.iter().map(move |(hub, changes)| {
            let mut now: i64 = 0;
            let devices = (0..moments).map(|moment| {
                now += changes.get(&moment).copied().unwrap_or(0);
                // As many leave a hub as have come.
                u64::try_from(now).unwrap_or(0)
            });
            (hub.as_str(), devices.collect())
        })
    }
}

fn add<K: Ord>(all: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    for (key, count) in more {
        *all.entry(key).or_default() += count;
    }
}
