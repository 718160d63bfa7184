//! Counts what became of logged decisions, in memory that depends on the tables alone.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use dps_allocation::{DecisionRecord, Revision};

use super::compare::Compared;
use super::report::{Difference, Differing, Replayed};
use crate::fleet::LogCount;
use crate::ids::Ids;
use crate::preview::Undecided;

/// Differences that are told apart; hubs of a log may be many.
const MOST: usize = 10_000;

#[derive(Default)]
pub(super) struct Count {
    same: u64,
    different: u64,
    /// Different, but the log has rounded the place of the device.
    rounded: u64,
    unknown: u64,
    differences: BTreeMap<Difference, Ids>,
    asked: BTreeMap<String, Ids>,
    nothing: BTreeMap<String, u64>,
}

impl Count {
    pub(super) fn add(&mut self, order: u64, record: &DecisionRecord<'_>, compared: Compared) {
        let id = record.registration_id.as_deref().unwrap_or_default();
        match compared {
            Compared::Same => self.same += 1,
            Compared::Different(difference) => {
                self.different += 1;
                self.rounded += u64::from(record.is_rounded());
                if self.differences.len() < MOST || self.differences.contains_key(&difference) {
                    self.differences
                        .entry(difference)
                        .or_default()
                        .add(order, id);
                }
            }
            Compared::Unknown(asked) => {
                self.unknown += 1;
                self.asked.entry(asked).or_default().add(order, id);
            }
            Compared::Nothing(reason) => *self.nothing.entry(reason).or_default() += 1,
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        let numbers = [
            (&mut self.same, other.same),
            (&mut self.different, other.different),
            (&mut self.rounded, other.rounded),
            (&mut self.unknown, other.unknown),
        ];
        for (number, more) in numbers {
            *number += more;
        }
        for (difference, ids) in other.differences {
            self.differences.entry(difference).or_default().merge(ids);
        }
        for (asked, ids) in other.asked {
            self.asked.entry(asked).or_default().merge(ids);
        }
        for (reason, count) in other.nothing {
            *self.nothing.entry(reason).or_default() += count;
        }
    }
}

pub(super) fn report(all: LogCount<Count>, revision: Revision) -> Replayed {
    let counted = all.counted;
    let differences = counted.differences.into_iter();
    let mut differences: Vec<Differing> = differences
        .map(|(difference, ids)| Differing { difference, ids })
        .collect();
    differences.sort_by_key(|it| Reverse(it.ids.devices));
    let unknown = counted.asked.into_iter();
    let mut asked: Vec<Undecided> = unknown
        .map(|(asked, ids)| Undecided { asked, ids })
        .collect();
    asked.sort_by_key(|it| Reverse(it.ids.devices));
    Replayed {
        revision,
        interrupted: all.interrupted,
        decisions: all.decisions,
        same: counted.same,
        different: counted.different,
        rounded: counted.rounded,
        needs_request: counted.unknown,
        nothing_to_decide: counted.nothing,
        differences,
        asked,
        fault_count: all.faults.count,
        faults: all.faults.first(),
        other_lines: all.others,
    }
}
