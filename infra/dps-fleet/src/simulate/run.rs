//! Simulates a fleet on several threads.

use std::num::NonZeroUsize;

use super::calendar::Calendar;
use super::load::Load;
use super::report::Simulation;
use super::walk::walk;
use crate::fleet::{self, Batch, FleetError, LineFault, Member, Ran, Watch};
use crate::preview::{Assumed, Judge, Pair, Seen, Side, Unjudged};

/// Decides every device at each of its registrations, from where the one before has left it.
///
/// `side` is asked twice for the same tables. A run that the watch stops answers what it has found so
/// far; so does one whose fleet cannot be read to its end, with the error.
pub fn simulate<'p>(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    side: impl Fn() -> Side<'p>,
    assumed: Assumed,
    calendar: &Calendar,
    threads: NonZeroUsize,
    about: Option<u64>,
    watch: &Watch,
) -> (Simulation, Option<FleetError>) {
    let pair = Pair::new(side(), side(), assumed);
    let seen = Seen::for_about(about);
    let start = || (Judge::new(&pair), Load::default());
    let each = |(judge, load): &mut (Judge<'_>, Load), batch: &Batch| {
        let before = load.devices;
        let mut order = batch.order();
        batch.each(|line, member| {
            order += 1;
            let found = match member {
                Ok(member) => device(judge, calendar, &seen, load, &member),
                Err(fault) => return load.fault(order, fault),
            };
            if let Err(rule) = found {
                load.fault(order, LineFault::new(line, rule).of(&batch.file));
            }
        });
        watch.add(batch.bytes, load.devices - before);
    };
    let Ran { counted, broken } = fleet::run(batches, threads, watch, start, each, |()| ());
    let mut load = Load::default();
    for (_, counted) in counted {
        load.merge(counted);
    }
    (
        Simulation::new(&pair, calendar, load, watch.is_stopped()),
        broken,
    )
}

/// # Errors
/// Why the line is not a device.
fn device(
    judge: &mut Judge<'_>,
    calendar: &Calendar,
    seen: &Seen,
    load: &mut Load,
    member: &Member<'_>,
) -> Result<(), String> {
    let id = match member {
        Member::Listed(device) => device.id.trim(),
        Member::Logged(record) => record.registration_id.as_deref().unwrap_or_default(),
    };
    let id = id.to_ascii_lowercase();
    if !id.is_empty() && seen.see(&id) == Some(true) {
        load.repeated += 1;
        return Ok(());
    }
    match walk(judge, calendar, load, &id, member) {
        Ok(()) => load.devices += 1,
        Err(Unjudged::Undecidable(asked)) => {
            load.devices += 1;
            load.undecidable += 1;
            *load.undecided.entry(asked).or_default() += 1;
        }
        Err(Unjudged::Broken(rule)) => return Err(rule),
    }
    Ok(())
}
