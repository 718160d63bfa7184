//! `simulate`: how many devices each hub has over time.

mod arguments;
mod screen;

use dps_fleet::preview::Side;
use dps_fleet::simulate::{Simulation, simulate};
use jiff::Timestamp;
use serde::Serialize;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::source::{self, Source};
use crate::{check, output};
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
    let side = || Side::new(policy, &checked.tables, checked.source.to_string(), from);
    let assumed = arguments.stated.assumed();
    let devices = &arguments.devices;
    let (found, broken) = devices.each(&checked.tables, |batches, run| {
        let (threads, about) = (run.threads, run.about);
        simulate(batches, side, assumed, &calendar, threads, about, run.watch)
    })?;
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
