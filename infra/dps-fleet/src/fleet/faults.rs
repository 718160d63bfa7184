//! Lines that cannot be used.

use super::fault::LineFault;

/// Lines that cannot be used: how many, and the first of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) count: u64,
    /// In the order of the fleet.
    first: Vec<(u64, LineFault)>,
}

/// Lines that are shown.
const SHOWN: usize = 5;

impl Faults {
    pub(crate) fn add(&mut self, order: u64, fault: LineFault) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push((order, fault));
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first.extend(other.first);
        self.first.sort_by_key(|(order, _)| *order);
        self.first.truncate(SHOWN);
    }

    /// The first of them.
    pub(crate) fn first(&self) -> Vec<LineFault> {
        self.first.iter().map(|(_, fault)| fault.clone()).collect()
    }
}
