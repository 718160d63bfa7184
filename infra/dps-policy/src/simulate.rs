//! `simulate`: how many devices each hub has over time.

mod arguments;
mod screen;

use std::io::{self, IsTerminal as _};
use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::Context as _;
use dps_allocation::Policy;
use dps_fleet::fleet::{FleetError, Synthetic, Watch};
use dps_fleet::preview::Side;
use dps_fleet::simulate::{Calendar, Simulation, simulate};
use jiff::Timestamp;
use serde::Serialize;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::input::Inputs;
use crate::source::{self, Source};
use crate::{check, output, progress};
pub(crate) use arguments::Arguments;

/// What `simulate --json` answers.
#[derive(Serialize)]
struct Document<'a> {
    fleet: &'a str,
    #[serde(flatten)]
    simulation: &'a Simulation,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let checked = read(&arguments.source).await?;
    let Some(policy) = &checked.policy else {
        return check::report(&checked, arguments.json);
    };
    let (from, calendar) = arguments.calendar(Timestamp::now())?;
    let (found, broken) = decide(&arguments, &checked, policy, from, &calendar)?;
    let fleet = arguments.fleet_name();
    if arguments.json {
        output::print_json(&Document {
            fleet: &fleet,
            simulation: &found,
        })?;
    } else {
        output::print(&screen::text(&found, &fleet, output::width()))?;
    }
    if let Some(broken) = broken {
        return Err(broken.into());
    }
    if found.interrupted {
        output::note("interrupted; this is what was found so far");
        return Ok(Exit::Failed);
    }
    Ok(Exit::Success)
}

/// The tables, with the device rows that are in no revision.
async fn read(source: &Source) -> anyhow::Result<Checked> {
    let mut read = source::read(source).await?;
    if !matches!(source, Source::Folder(_)) {
        let findings = source::add_devices(&mut read.tables).await?;
        read.findings.extend(findings);
    }
    Ok(Checked::new(source.clone(), read))
}

/// Simulates the fleet, and shows how far that is where somebody waits for it.
fn decide(
    arguments: &Arguments,
    checked: &Checked,
    policy: &Policy,
    from: Timestamp,
    calendar: &Calendar,
) -> anyhow::Result<(Simulation, Option<FleetError>)> {
    let watch = Arc::new(Watch::default());
    progress::stop_on_interrupt(&watch).context("the signal of Ctrl-C cannot be received")?;
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let side = || Side::new(policy, &checked.tables, checked.source.to_string(), from);
    let assumed = arguments.stated.assumed();
    let on_terminal = io::stderr().is_terminal();
    if let Some(count) = arguments.synthetic {
        let fleet = Synthetic::new(&checked.tables, count);
        let shown = progress::show(&watch, None, Some(count), on_terminal);
        let about = Some(count);
        let found = simulate(fleet, side, assumed, calendar, threads, about, &watch);
        shown.end();
        return Ok(found);
    }
    let inputs = Inputs::open(&arguments.fleet)?;
    for (name, unread) in inputs.unread_columns() {
        output::note(&format!(
            "{name} has columns that say nothing here: {unread}"
        ));
    }
    let about = inputs.devices();
    let shown = progress::show(&watch, inputs.size, None, on_terminal);
    let found = simulate(inputs, side, assumed, calendar, threads, about, &watch);
    shown.end();
    Ok(found)
}
