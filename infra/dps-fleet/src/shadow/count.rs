//! Counts the decisions of candidates, in memory that does not grow with the log.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use dps_allocation::{DecisionRecord, RecordedShadow};
use jiff::Timestamp;

use super::report::{Candidate, Differing, Observed, is_same};
use crate::fleet::LogCount;
use crate::ids::Ids;

/// Differences that are told apart for one candidate; hubs of a log may be many.
const MOST: usize = 10_000;

/// Revisions that are told apart: more than anybody tries in the days of one log.
const MOST_CANDIDATES: usize = 1_000;

#[derive(Default)]
pub(super) struct Count {
    without: u64,
    candidates: BTreeMap<Arc<str>, Seen>,
}

/// What is seen of one revision.
struct Seen {
    first: Timestamp,
    last: Timestamp,
    decisions: BTreeMap<String, u64>,
    differences: BTreeMap<Difference, Ids>,
}

/// How, from what, to what.
type Difference = (String, String, Option<String>);

impl Count {
    pub(super) fn add(&mut self, order: u64, record: &DecisionRecord<'_>) {
        let known = |shadow: &&RecordedShadow| {
            self.candidates.len() < MOST_CANDIDATES
                || self.candidates.contains_key(&shadow.revision)
        };
        let Some(shadow) = record.shadow.as_ref().filter(known) else {
            self.without += 1;
            return;
        };
        let time = record.time;
        let seen = self.candidates.entry(Arc::clone(&shadow.revision));
        let seen = seen.or_insert_with(|| Seen::at(time));
        (seen.first, seen.last) = (seen.first.min(time), seen.last.max(time));
        if let Some(count) = seen.decisions.get_mut(&*shadow.difference) {
            *count += 1;
        } else {
            let word = shadow.difference.clone().into_owned();
            seen.decisions.insert(word, 1);
        }
        if !is_same(&shadow.difference) {
            let difference = (
                shadow.difference.clone().into_owned(),
                text(record.hub.as_deref(), &record.reason),
                shadow
                    .reason
                    .as_deref()
                    .map(|reason| text(shadow.hub.as_deref(), reason)),
            );
            if seen.differences.len() < MOST || seen.differences.contains_key(&difference) {
                let id = record.registration_id.as_deref().unwrap_or_default();
                let ids = seen.differences.entry(difference).or_default();
                ids.add(order, id);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.without += other.without;
        for (revision, more) in other.candidates {
            let seen = self.candidates.entry(revision);
            let seen = seen.or_insert_with(|| Seen::at(more.first));
            (seen.first, seen.last) = (seen.first.min(more.first), seen.last.max(more.last));
            for (word, count) in more.decisions {
                *seen.decisions.entry(word).or_default() += count;
            }
            for (difference, ids) in more.differences {
                seen.differences.entry(difference).or_default().merge(ids);
            }
        }
    }
}

pub(super) fn report(all: LogCount<Count>) -> Observed {
    let candidates = all.counted.candidates.into_iter();
    let mut candidates: Vec<Candidate> = candidates
        .map(|(revision, seen)| seen.report(&revision))
        .collect();
    candidates.sort_by_key(|it| Reverse(it.last));
    Observed {
        interrupted: all.interrupted,
        decisions: all.decisions,
        without_candidate: all.counted.without,
        candidates,
        fault_count: all.faults.count,
        faults: all.faults.first(),
        other_lines: all.others,
    }
}

impl Seen {
    fn at(time: Timestamp) -> Self {
        Self {
            first: time,
            last: time,
            decisions: BTreeMap::new(),
            differences: BTreeMap::new(),
        }
    }

    fn report(self, revision: &str) -> Candidate {
        let differences = self.differences.into_iter();
        let mut differences: Vec<Differing> = differences
            .map(|((difference, live, candidate), ids)| Differing {
                difference,
                live,
                candidate,
                ids,
            })
            .collect();
        differences.sort_by_key(|it| Reverse(it.ids.devices));
        Candidate {
            revision: revision.to_owned(),
            first: self.first,
            last: self.last,
            decisions: self.decisions,
            differences,
        }
    }
}

/// `a.net, weighted`; of a refusal the reason alone.
fn text(hub: Option<&str>, reason: &str) -> String {
    hub.map_or_else(
        || reason.to_owned(),
        |hub| format!("{}, {reason}", hub.to_ascii_lowercase()),
    )
}
