//! Past decisions again, by another revision of the tables.

mod compare;
mod count;
mod report;

use std::num::NonZeroUsize;

use dps_allocation::{DecisionRecord, Policy};
use jiff::Timestamp;

use crate::fleet::{self, Batch, FleetError, Watch};
use compare::compare;
use count::Count;

pub use report::{Difference, Differing, Replayed};

/// Decides every logged decision again, at its own time or at another one, by the version of the
/// rules that took it.
///
/// A run that the watch stops, or whose logs cannot be read to their end, returns what it has found
/// so far.
pub fn replay(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    policy: &Policy,
    at: Option<Timestamp>,
    threads: NonZeroUsize,
    watch: &Watch,
) -> (Replayed, Option<FleetError>) {
    let add = |count: &mut Count, order, record: &DecisionRecord<'_>| {
        count.add(order, record, compare(policy, at, record)?);
        Ok(())
    };
    let (all, broken) = fleet::count_decisions(batches, threads, watch, add, Count::merge);
    (count::report(all, policy.revision()), broken)
}
