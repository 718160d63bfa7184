//! What a candidate policy decided on live traffic, as the decision log tells.

mod count;
mod report;

use std::num::NonZeroUsize;

use crate::fleet::{self, Batch, FleetError, Member, Ran, Watch};
use count::Count;

pub use report::{Candidate, Differing, Observed};

/// Counts how the candidates of a log decide, next to the live policy.
///
/// A run that the watch stops, or whose logs cannot be read to their end, answers what it has found
/// so far.
pub fn observe(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    threads: NonZeroUsize,
    watch: &Watch,
) -> (Observed, Option<FleetError>) {
    let each = |count: &mut Count, batch: &Batch| {
        let before = count.decisions;
        let mut order = batch.order();
        let others = batch.each(|_line, member| {
            order += 1;
            match member {
                Ok(Member::Logged(record)) => count.add(order, &record),
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
    (all.report(watch.is_stopped()), broken)
}
