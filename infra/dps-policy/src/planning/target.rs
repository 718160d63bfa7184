//! Where a plan is written, and how.

use dps_allocation::tables::Canonical;
use dps_fleet::plan::{Plan, PlanError};
use jiff::Timestamp;

use crate::edit::{self, Edit, Made, policy};
use crate::exit::Exit;
use crate::moment::time;
use crate::output::one_line;
use crate::publish::Options;
use crate::source::Source;

/// Where a plan is written, and how.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    /// Folder or `tables` [default: what the settings name]
    #[arg(long, value_name = "SOURCE", value_parser = Source::parser())]
    policy: Option<Source>,

    /// Time that the plan begins [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,

    #[command(flatten)]
    options: Options,
}

/// Writes what a plan says.
pub(super) async fn write(
    target: Target,
    reason: String,
    plan: impl FnOnce(&dps_allocation::Policy, &Canonical, Timestamp) -> Result<Plan, PlanError>,
) -> anyhow::Result<Exit> {
    let now = target.at.unwrap_or_else(Timestamp::now);
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    edit::write(target.policy, None, &target.options, |tables| {
        let (canonical, _) = Canonical::read(tables);
        let plan = plan(&policy(tables)?, &canonical, now)?;
        let notes = plan
            .notes
            .iter()
            .map(|note| format!("note: {}\n", one_line(note)));
        Ok(Made {
            reason,
            told: notes.collect(),
            edits: plan.edits.into_iter().map(Edit::from).collect(),
        })
    })
    .await
}
