//! `preview`: what a change of the tables does to a fleet.

mod arguments;
mod both;
mod html;
mod list;
mod screen;

use std::io::{self, IsTerminal as _};
use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::Context as _;
use dps_allocation::tables;
use dps_fleet::fleet::{FleetError, Synthetic, Watch};
use dps_fleet::preview::{Pair, Preview, Side, preview};
use jiff::Timestamp;
use serde::Serialize;

use crate::base::Fingerprint;
use crate::checked::Checked;
use crate::exit::Exit;
use crate::input::Inputs;
use crate::plan_file::{self, PlanFile};
use crate::{check, output, progress};
pub(crate) use arguments::{Arguments, Stated};
use both::Both;
use list::List;

/// What `preview --json` answers.
#[derive(Serialize)]
struct Document<'a> {
    fleet: &'a str,
    #[serde(flatten)]
    preview: &'a Preview,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let both = Both::read(&arguments).await?;
    let (Some(from), Some(to)) = (&both.from.policy, &both.to.policy) else {
        let broken = if both.from.policy.is_none() {
            &both.from
        } else {
            &both.to
        };
        return check::report(broken, arguments.json);
    };
    let (from_at, to_at) = arguments.times(Timestamp::now());
    let side = |policy, of: &Checked, at| Side::new(policy, &of.tables, of.source.to_string(), at);
    let pair = Pair::new(
        side(from, &both.from, from_at),
        side(to, &both.to, to_at),
        arguments.assumed(),
    );
    for path in arguments.report.iter().chain(&arguments.out) {
        output::check_writable(path)?;
    }
    let out = arguments.out.as_deref();
    let plan = out.map(|out| anyhow::Ok((out, arguments.planned_fleet()?)));
    let plan = plan.transpose()?;
    let mut list = arguments.list.as_deref().map(List::create).transpose()?;
    let (found, broken) = decide(&arguments, &pair, &both, list.as_mut())?;
    if let Some(list) = list {
        list.finish()?;
    }
    let fleet = arguments.fleet_name();
    if let Some(report) = &arguments.report {
        let mut changes = tables::diff(&both.from.tables, &both.to.tables);
        // Rows of devices may be a million.
        changes.retain(|row| row.table.is_in_revision());
        let page = html::page(&found, &fleet, &changes);
        std::fs::write(report, page)
            .with_context(|| format!("`{}` cannot be written", report.display()))?;
    }
    if let Some((out, fleet)) = plan
        && broken.is_none()
        && !found.interrupted
    {
        let devices = &both.to.tables;
        let devices = arguments.devices.then(|| Fingerprint::of_devices(devices));
        plan_file::write(out, &PlanFile::new(&found, devices, fleet))?;
    }
    if arguments.json {
        output::print_json(&Document {
            fleet: &fleet,
            preview: &found,
        })?;
    } else if !arguments.lists_on_stdout() {
        output::print(&screen::text(&found, &fleet, output::width()))?;
    }
    if let Some(broken) = broken {
        return Err(broken.into());
    }
    if found.interrupted {
        let no_plan = if out.is_some() {
            ", and no plan was written"
        } else {
            ""
        };
        output::note(&format!(
            "interrupted; this is what was found so far{no_plan}"
        ));
        return Ok(Exit::Failed);
    }
    if found.summary.devices == 0 {
        output::note("the fleet has no device that can be read, so that nothing was compared");
        return Ok(Exit::Failed);
    }
    Ok(if found.summary.across_residency > 0 {
        Exit::Findings
    } else {
        Exit::Success
    })
}

/// Decides the fleet, and shows how far that is where somebody waits for it.
fn decide(
    arguments: &Arguments,
    pair: &Pair<'_>,
    both: &Both,
    mut list: Option<&mut List>,
) -> anyhow::Result<(Preview, Option<FleetError>)> {
    let watch = Arc::new(Watch::default());
    progress::stop_on_interrupt(&watch).context("the signal of Ctrl-C cannot be received")?;
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let mut write = |changed: &[_]| {
        if let Some(list) = &mut list {
            list.write(changed);
        }
    };
    if let Some(count) = arguments.synthetic {
        let fleet = Synthetic::new(&both.from.tables, count);
        let shown = progress::show(&watch, None, Some(count), io::stderr().is_terminal());
        let found = preview(fleet, pair, threads, Some(count), &watch, &mut write);
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
    let shown = progress::show(&watch, inputs.size, None, io::stderr().is_terminal());
    let found = preview(inputs, pair, threads, about, &watch, &mut write);
    shown.end();
    Ok(found)
}
