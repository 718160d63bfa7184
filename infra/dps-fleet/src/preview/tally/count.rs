//! Numbers that are only added.

use crate::preview::change::Change;

/// How many devices there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) devices: u64,
    /// Lines of a log that are no decisions.
    pub(crate) others: u64,
    /// Decided under both policies.
    pub(crate) decided: u64,
    pub(crate) moved: u64,
    pub(crate) refused: u64,
    pub(crate) accepted: u64,
    pub(crate) refused_before: u64,
    pub(crate) undecidable: u64,
    pub(crate) under_way: u64,
    pub(crate) twin_differs: u64,
    /// Of these, those to which DPS applies the twin at the next registration.
    pub(crate) twin_applied: u64,
    pub(crate) twin_unknown: u64,
    /// Devices of which nobody knows whether their ids came before.
    pub(crate) unchecked: u64,
}

impl Counts {
    pub(super) fn add(&mut self, change: Change) {
        match change {
            Change::Moved => self.moved += 1,
            Change::Refused => self.refused += 1,
            Change::Accepted => self.accepted += 1,
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        let pairs = [
            (&mut self.devices, other.devices),
            (&mut self.others, other.others),
            (&mut self.decided, other.decided),
            (&mut self.moved, other.moved),
            (&mut self.refused, other.refused),
            (&mut self.accepted, other.accepted),
            (&mut self.refused_before, other.refused_before),
            (&mut self.undecidable, other.undecidable),
            (&mut self.under_way, other.under_way),
            (&mut self.twin_differs, other.twin_differs),
            (&mut self.twin_applied, other.twin_applied),
            (&mut self.twin_unknown, other.twin_unknown),
            (&mut self.unchecked, other.unchecked),
        ];
        for (number, more) in pairs {
            *number += more;
        }
    }
}
