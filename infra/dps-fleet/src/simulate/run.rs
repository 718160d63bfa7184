//! Simulates a fleet on several threads.

use std::num::NonZeroUsize;

use super::calendar::Calendar;
use super::load::Load;
use super::report::Simulation;
use super::walk::walk;
use crate::fleet::{self, Batch, FleetError, LineFault, Member, Ran, Watch};
use crate::preview::{Assumed, Premises, Registrar, Seen, Side, Unjudged};

/// Decides every device at each of its registrations, from where the one before has left it.
///
/// `side` names the time at which it begins. A run that the watch stops returns what it has found
/// so far; so does one whose fleet cannot be read to its end, with the error.
pub fn simulate(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    side: &Side<'_>,
    assumed: Assumed,
    calendar: &Calendar,
    threads: NonZeroUsize,
    about: Option<u64>,
    watch: &Watch,
) -> (Simulation, Option<FleetError>) {
    let premises = Premises::new(assumed, &[side]);
    let seen = Seen::for_about(about);
    let registrar = Registrar::new(&premises, side);
    let each = |load: &mut Load, batch: &Batch| {
        let before = load.devices;
        let mut order = batch.order();
        batch.each(|line, member| {
            order += 1;
            let found = match member {
                Ok(member) => device(&registrar, side, calendar, &seen, load, &member),
                Err(fault) => return load.faults.add(order, fault),
            };
            if let Err(rule) = found {
                load.faults
                    .add(order, LineFault::new(line, rule).of(&batch.file));
            }
        });
        watch.add(batch.bytes, load.devices - before);
    };
    let Ran { counted, broken } = fleet::run(batches, threads, watch, Load::default, each, drop);
    let mut load = Load::default();
    for counted in counted {
        load.merge(counted);
    }
    (
        Simulation::new(side, calendar, load, watch.is_stopped()),
        broken,
    )
}

/// # Errors
/// Why the line is not a device.
fn device(
    registrar: &Registrar<'_>,
    side: &Side<'_>,
    calendar: &Calendar,
    seen: &Seen,
    load: &mut Load,
    member: &Member<'_>,
) -> Result<(), String> {
    let id = member.id().to_ascii_lowercase();
    if !id.is_empty() && seen.see(&id) == Some(true) {
        load.repeated += 1;
        return Ok(());
    }
    let walked = registrar.read(member);
    let walked = walked.and_then(|mut it| walk(side.policy, calendar, load, &id, &mut it));
    match walked {
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
