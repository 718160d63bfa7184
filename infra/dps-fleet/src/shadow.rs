//! What a candidate policy decided on live traffic, as the decision log tells.

mod count;
mod report;

use std::num::NonZeroUsize;

use dps_allocation::DecisionRecord;

use crate::fleet::{self, Batch, FleetError, Watch};
use count::Count;

pub use report::{Candidate, Differing, Observed};

/// Counts how the candidates of a log decide, next to the live policy.
///
/// A run that the watch stops, or whose logs cannot be read to their end, returns what it has found
/// so far.
pub fn observe(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    threads: NonZeroUsize,
    watch: &Watch,
) -> (Observed, Option<FleetError>) {
    let add = |count: &mut Count, order, record: &DecisionRecord<'_>| {
        count.add(order, record);
        Ok(())
    };
    let (all, broken) = fleet::count_decisions(batches, threads, watch, add, Count::merge);
    (count::report(all), broken)
}
