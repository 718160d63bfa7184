//! Counts that are only added up.

use crate::preview::change::Change;
use crate::preview::report::Summary;

impl Summary {
    pub(super) fn add(&mut self, change: Change) {
        match change {
            Change::Moved => self.moved += 1,
            Change::Refused => self.refused += 1,
            Change::Accepted => self.accepted += 1,
        }
    }

    /// Adds the counts of another part of the fleet.
    pub(super) fn merge(&mut self, other: Self) {
        let pairs = [
            (&mut self.devices, other.devices),
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
            (&mut self.other_lines, other.other_lines),
        ];
        for (number, more) in pairs {
            *number += more;
        }
    }
}
