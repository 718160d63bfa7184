//! Decides a fleet on several threads.

use std::num::NonZeroUsize;

use super::change::Changed;
use super::judge::{Judge, Unjudged};
use super::pair::Pair;
use super::report::Preview;
use super::seen::Seen;
use super::tally::Tally;
use crate::fleet::{self, Batch, FleetError, LineFault, Member, Ran, Watch};

/// Decides every device under both policies.
///
/// `list` gets the devices that change, in the order of the fleet; `about` is how many devices
/// there may be. A run that the watch stops returns what it has found so far; so does one whose
/// fleet cannot be read to its end, with the error.
pub fn preview(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    pair: &Pair<'_>,
    threads: NonZeroUsize,
    about: Option<u64>,
    watch: &Watch,
    mut list: impl FnMut(&[Changed]),
) -> (Preview, Option<FleetError>) {
    let seen = Seen::for_about(about);
    let start = || (Judge::new(pair), Tally::new(pair));
    let each = |(judge, tally): &mut (Judge<'_>, Tally), batch: &Batch| {
        let mut worker = Worker {
            pair,
            judge,
            seen: &seen,
            tally,
            changed: Vec::new(),
        };
        worker.batch(batch, watch);
        worker.changed
    };
    let in_order = |changed: Vec<Changed>| list(&changed);
    let Ran { counted, broken } = fleet::run(batches, threads, watch, start, each, in_order);
    // It is as large as all that follows.
    drop(seen);
    let mut tallies = counted.into_iter().map(|(_, tally)| tally);
    let mut tally = tallies.next().unwrap_or_else(|| Tally::new(pair));
    for other in tallies {
        tally.merge(other);
    }
    (Preview::new(pair, tally, watch.is_stopped()), broken)
}

/// Decides one batch.
struct Worker<'w, 'p> {
    pair: &'p Pair<'p>,
    judge: &'w Judge<'p>,
    seen: &'w Seen,
    tally: &'w mut Tally,
    changed: Vec<Changed>,
}

impl Worker<'_, '_> {
    fn batch(&mut self, batch: &Batch, watch: &Watch) {
        let before = self.tally.counts.devices;
        let mut order = batch.order();
        self.tally.counts.other_lines += batch.each(|line, member| {
            order += 1;
            match member {
                Ok(member) => self.member(batch, line, order, &member),
                Err(fault) => self.tally.fault(order, fault),
            }
        });
        watch.add(batch.bytes, self.tally.counts.devices - before);
    }

    fn member(&mut self, batch: &Batch, line: u64, order: u64, member: &Member<'_>) {
        let id = member.id();
        let lower;
        let id = if id.bytes().any(|byte| byte.is_ascii_uppercase()) {
            lower = id.to_ascii_lowercase();
            &lower
        } else {
            id
        };
        if !id.is_empty() {
            match self.seen.see(id) {
                Some(false) => {}
                Some(true) => return self.tally.repeated.add(order, id),
                None => self.tally.counts.unchecked += 1,
            }
        }
        let (tally, changed) = (&mut *self.tally, &mut self.changed);
        let judged = self.judge.judge(member, |judged| {
            changed.extend(tally.judged(self.pair, order, judged));
        });
        match judged {
            Ok(()) => self.tally.counts.devices += 1,
            Err(Unjudged::Undecidable(asked)) => {
                self.tally.counts.devices += 1;
                self.tally.undecided(asked, order, id);
            }
            Err(Unjudged::Broken(rule)) => {
                let fault = LineFault::new(line, rule).of(&batch.file);
                self.tally.fault(order, fault);
            }
        }
    }
}
