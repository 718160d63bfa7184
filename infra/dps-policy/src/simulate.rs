//! `simulate`: how many devices each hub has over time.

mod arguments;
mod html;
mod measured;
mod screen;
mod when;

use anyhow::Context as _;
use dps_fleet::preview::Side;
use dps_fleet::simulate::{HubOverTime, Measured, Simulation, simulate};
use jiff::Timestamp;
use serde::Serialize;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::{check, devices, output};
pub(crate) use arguments::Arguments;

/// What `simulate --json` answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    fleet: &'a str,
    /// What a log says of how often devices register.
    #[serde(skip_serializing_if = "Option::is_none")]
    registrations: Option<&'a Measured>,
    /// Seconds between two registrations, each of as many devices.
    seconds_between: Vec<i64>,
    #[serde(flatten)]
    simulation: &'a Simulation,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let checked = Checked::read_as_in_use(Some(arguments.source.clone())).await?;
    let Some(policy) = &checked.policy else {
        return check::report(&checked, arguments.json);
    };
    if let Some(report) = &arguments.report {
        output::check_writable(report)?;
    }
    let now = Timestamp::now();
    let measured = measured::read(&arguments.register_log)?;
    let pace = arguments.pace(measured.as_ref());
    let (from, calendar) = arguments.calendar(&pace, now)?;
    let side = Side::new(policy, &checked.tables, checked.source.to_string(), from);
    let capacities = arguments.capacities(&side)?;
    let assumed = arguments.stated.assumed();
    let (found, broken) = arguments.devices.each(&checked.tables, |batches, run| {
        let (threads, about) = (run.threads, run.about);
        simulate(
            batches, &side, assumed, &calendar, threads, about, run.watch,
        )
    })?;
    let found = found.with_capacities(&capacities);
    let fleet = arguments.fleet_name();
    if let Some(report) = &arguments.report {
        std::fs::write(report, html::page(&found, &fleet))
            .with_context(|| format!("`{}` cannot be written", report.display()))?;
    }
    if arguments.json {
        output::print_json(&Document {
            fleet: &fleet,
            registrations: measured.as_ref(),
            seconds_between: pace.seconds().collect(),
            simulation: &found,
        })?;
    } else {
        let text = screen::text(&found, &fleet, measured.as_ref(), output::width());
        output::print(&text)?;
    }
    if !devices::is_whole(broken, found.interrupted)? {
        return Ok(Exit::Failed);
    }
    Ok(Exit::of(!found.hubs.iter().any(HubOverTime::is_over)))
}
