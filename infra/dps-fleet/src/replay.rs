//! Past decisions again, by another revision of the tables.

mod compare;
mod count;
mod report;

use std::num::NonZeroUsize;

use dps_allocation::Policy;
use jiff::Timestamp;

use crate::fleet::{self, Batch, FleetError, Member, Ran, Watch};
use compare::compare;
use count::Count;

pub use report::{Differing, Replayed, Unknown};

/// Decides every logged decision again, at its own time or at another one, by the version of the
/// rules that took it.
///
/// A run that the watch stops, or whose logs cannot be read to their end, answers what it has found
/// so far.
pub fn replay(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    policy: &Policy,
    at: Option<Timestamp>,
    threads: NonZeroUsize,
    watch: &Watch,
) -> (Replayed, Option<FleetError>) {
    let each = |count: &mut Count, batch: &Batch| {
        let before = count.decisions;
        let mut order = batch.order();
        let others = batch.each(|line, member| {
            order += 1;
            match member {
                Ok(Member::Logged(record)) => {
                    count.decisions += 1;
                    count.add(order, batch, line, &record, compare(policy, at, &record));
                }
                // A list of devices among the logs.
                Ok(Member::Listed(_)) => count.others += 1,
                Err(fault) => count.fault(order, fault),
            }
        });
        count.others += others;
        watch.add(batch.bytes, count.decisions - before);
    };
    let Ran { counted, broken } = fleet::run(batches, threads, watch, Count::default, each, drop);
    let mut all = Count::default();
    for counted in counted {
        all.merge(counted);
    }
    (all.report(policy.revision(), watch.is_stopped()), broken)
}
