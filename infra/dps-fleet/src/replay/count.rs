//! Counts what became of logged decisions, in memory that depends on the tables alone.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use dps_allocation::{DecisionRecord, Revision};

use super::compare::{Compared, Difference};
use super::report::{Differing, Replayed, Unknown};
use crate::fleet::{Batch, LineFault};
use crate::ids::Ids;

/// Lines that are shown.
const SHOWN: usize = 5;

/// Differences that are told apart; hubs of a log may be many.
const MOST: usize = 10_000;

#[derive(Default)]
pub(super) struct Count {
    pub(super) decisions: u64,
    pub(super) others: u64,
    same: u64,
    different: u64,
    /// Different, where the log has rounded the place of the device.
    rounded: u64,
    unknown: u64,
    faulty: u64,
    differences: BTreeMap<Difference, Ids>,
    asked: BTreeMap<String, Ids>,
    nothing: BTreeMap<String, u64>,
    faults: Vec<(u64, LineFault)>,
}

impl Count {
    pub(super) fn fault(&mut self, order: u64, fault: LineFault) {
        self.faulty += 1;
        if self.faults.len() < SHOWN {
            self.faults.push((order, fault));
        }
    }

    pub(super) fn add(
        &mut self,
        order: u64,
        batch: &Batch,
        line: u64,
        record: &DecisionRecord<'_>,
        compared: Compared,
    ) {
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
            Compared::Broken(rule) => {
                self.decisions -= 1;
                self.fault(order, LineFault::new(line, rule).of(&batch.file));
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        let numbers = [
            (&mut self.decisions, other.decisions),
            (&mut self.others, other.others),
            (&mut self.same, other.same),
            (&mut self.different, other.different),
            (&mut self.rounded, other.rounded),
            (&mut self.unknown, other.unknown),
            (&mut self.faulty, other.faulty),
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
        self.faults.extend(other.faults);
        self.faults.sort_by_key(|(order, _)| *order);
        self.faults.truncate(SHOWN);
    }

    pub(super) fn report(self, revision: Revision, interrupted: bool) -> Replayed {
        let differences = self.differences.into_iter();
        let mut differences: Vec<Differing> = differences
            .map(|(it, ids)| Differing {
                tenant: it.tenant,
                logged: it.logged,
                now: it.now,
                row: it.row,
                ids,
            })
            .collect();
        differences.sort_by_key(|it| Reverse(it.ids.devices));
        let unknown = self.asked.into_iter();
        let mut asked: Vec<Unknown> = unknown.map(|(asked, ids)| Unknown { asked, ids }).collect();
        asked.sort_by_key(|it| Reverse(it.ids.devices));
        Replayed {
            revision,
            interrupted,
            decisions: self.decisions,
            same: self.same,
            different: self.different,
            rounded: self.rounded,
            needs_request: self.unknown,
            nothing_to_decide: self.nothing,
            differences,
            asked,
            fault_count: self.faulty,
            faults: self.faults.into_iter().map(|(_, fault)| fault).collect(),
            other_lines: self.others,
        }
    }
}
