//! What became of a prediction, as the decision log says.
//!
//! Every device counts once: from the hub on which its first registration under the revision finds
//! it to what the last one gives it. A prediction has no ids, so counts are compared with counts.

mod again;
mod assumption;
mod devices;
mod line;
mod model;
mod named;
mod question;
mod report;

use std::num::NonZeroUsize;

use crate::fleet::{self, Batch, FleetError, Member, Ran, Watch};
pub use again::Again;
pub use assumption::Assumption;
use line::{Line, Other};
pub use model::{Compared, ComparedFlow, ComparedLoad, Contradicted, Outcome};
pub use named::{Fate, Named, NamedDevice};
pub use question::Question;
pub use report::Followed;

/// Reads what a log says of a prediction; the order of its lines does not matter.
///
/// A run that the watch stops, or whose logs cannot be read to their end, returns what it has found
/// so far.
pub fn follow(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    question: &Question<'_>,
    threads: NonZeroUsize,
    watch: &Watch,
) -> (Followed, Option<FleetError>) {
    let each = |(): &mut (), batch: &Batch| {
        let (mut lines, mut decisions) = (Vec::new(), 0);
        let others = batch.each(|_line, member| {
            lines.push(match member {
                Ok(Member::Logged(record)) => {
                    decisions += 1;
                    Line::of(question, &record)
                }
                // A list of devices among the logs.
                Ok(Member::Listed(_)) => Line::Other(Other::NoDecision),
                Err(fault) => Line::Fault(fault),
            });
        });
        watch.add(batch.bytes, decisions);
        (lines, others)
    };
    let mut followed = Followed::default();
    let in_order = |(lines, others): (Vec<Line>, u64)| {
        followed.other_lines(others);
        for line in lines {
            followed.add(line);
        }
    };
    let Ran { broken, .. } = fleet::run(batches, threads, watch, || (), each, in_order);
    followed.interrupted = watch.is_stopped();
    (followed, broken)
}

/// Decides a fleet again, and says of each device what became of it; `list` gets those that were to
/// go elsewhere, or have gone where they were not to go, in the order of the fleet.
pub fn name(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    again: &Again<'_>,
    followed: &Followed,
    threads: NonZeroUsize,
    watch: &Watch,
    list: impl FnMut(&[NamedDevice]),
) -> (Named, Option<FleetError>) {
    named::name(batches, again, &followed.devices, threads, watch, list)
}
