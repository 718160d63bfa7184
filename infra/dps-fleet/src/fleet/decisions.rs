//! Counts the decisions of a log on several threads.

use std::num::NonZeroUsize;

use dps_allocation::DecisionRecord;

use super::batch::Batch;
use super::device::Member;
use super::fault::{FleetError, LineFault};
use super::faults::Faults;
use super::watch::Watch;
use super::work::{Ran, run};

/// What a log holds.
#[derive(Default)]
pub(crate) struct LogCount<T> {
    /// What was counted of the decisions.
    pub(crate) counted: T,
    pub(crate) decisions: u64,
    /// Lines that are not decisions.
    pub(crate) others: u64,
    /// Lines of decisions that cannot be used.
    pub(crate) faults: Faults,
    /// Whether the logs were not read to their end.
    pub(crate) interrupted: bool,
}

/// Adds every decision, with its place in the log, to what its thread counts; `add` fails with the
/// rule that a line breaks.
///
/// A run that the watch stops, or whose logs cannot be read to their end, returns what it has found
/// so far.
pub(crate) fn count_decisions<T: Default + Send>(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    threads: NonZeroUsize,
    watch: &Watch,
    add: impl Fn(&mut T, u64, &DecisionRecord<'_>) -> Result<(), String> + Sync,
    merge: impl Fn(&mut T, T),
) -> (LogCount<T>, Option<FleetError>) {
    let each = |all: &mut LogCount<T>, batch: &Batch| {
        let before = all.decisions;
        let mut order = batch.order();
        let others = batch.each(|line, member| {
            order += 1;
            match member {
                Ok(Member::Logged(record)) => match add(&mut all.counted, order, &record) {
                    Ok(()) => all.decisions += 1,
                    Err(rule) => {
                        let fault = LineFault::new(line, rule).of(&batch.file);
                        all.faults.add(order, fault);
                    }
                },
                // A list of devices among the logs.
                Ok(Member::Listed(_)) => all.others += 1,
                Err(fault) => all.faults.add(order, fault),
            }
        });
        all.others += others;
        watch.add(batch.bytes, all.decisions - before);
    };
    let Ran { counted, broken } = run(batches, threads, watch, LogCount::default, each, drop);
    let mut all = LogCount {
        interrupted: watch.is_stopped(),
        ..LogCount::default()
    };
    for more in counted {
        merge(&mut all.counted, more.counted);
        all.decisions += more.decisions;
        all.others += more.others;
        all.faults.merge(more.faults);
    }
    (all, broken)
}
