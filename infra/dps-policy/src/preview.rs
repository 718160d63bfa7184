//! `preview`: what a change of the tables does to a fleet.

mod arguments;
mod both;
mod html;
mod list;
mod screen;

use std::sync::Arc;

use anyhow::Context as _;
use dps_allocation::tables;
use dps_fleet::fleet::Watch;
use dps_fleet::preview::{Pair, Preview, Side, preview};
use jiff::Timestamp;
use serde::Serialize;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::plan_file::{self, PlanFile};
use crate::{check, output, progress};
pub(crate) use arguments::Arguments;
use both::Both;
pub(crate) use screen::text;

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
        arguments.assumptions().assumed(),
    );
    for path in arguments.report.iter().chain(&arguments.out) {
        output::check_writable(path)?;
    }
    let out = arguments.out.as_deref();
    // Before the fleet is decided: if it changes later, the plan does not fit it.
    let watch = Arc::new(Watch::default());
    if out.is_some() {
        progress::stop_on_interrupt(&watch)?;
    }
    let plan = out.map(|out| anyhow::Ok((out, plan_file::fleet(&arguments.fleet, &watch)?)));
    let plan = plan.transpose()?;
    let mut list = arguments.list.as_deref().map(list::create).transpose()?;
    let devices = &arguments.fleet;
    let (found, broken) = devices.each(&both.from.tables, |batches, run| {
        let write = |changed: &[_]| {
            if let Some(list) = &mut list {
                list::write(list, changed);
            }
        };
        preview(batches, &pair, run.threads, run.about, run.watch, write)
    })?;
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
        let rows = both.device_rows(arguments.devices);
        let plan = PlanFile::new(&found, arguments.assumptions(), rows, fleet);
        plan_file::write(out, &plan)?;
    }
    if arguments.json {
        output::print_json(&Document {
            fleet: &fleet,
            preview: &found,
        })?;
    } else if !arguments.lists_on_stdout() {
        output::print(&text(&found, &fleet, output::width()))?;
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
    Ok(Exit::of(found.summary.across_residency == 0))
}
