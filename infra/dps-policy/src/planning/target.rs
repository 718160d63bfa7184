//! Where a plan is written, and what is shown of it.

use std::path::PathBuf;

use dps_allocation::Policy;
use dps_allocation::tables::Canonical;
use dps_fleet::plan::{Plan, PlanError};
use jiff::Timestamp;

use crate::devices::Devices;
use crate::edit::{self, Edit, Foreseen, Made, policy};
use crate::exit::Exit;
use crate::hashed::Hashed;
use crate::input;
use crate::output::one_line;
use crate::stated::Stated;

/// Where a plan is written, and what is shown of it.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    #[command(flatten)]
    edit: edit::Place,

    #[command(flatten)]
    fleet: Previewed,
}

/// The devices that a plan is previewed with.
#[derive(Debug, clap::Args)]
struct Previewed {
    /// Preview what the plan does to a list of devices, or to several
    #[arg(long, value_name = "FILE")]
    fleet: Vec<PathBuf>,

    /// Preview it with this number of devices, made from the tables
    #[arg(long, value_name = "N", conflicts_with = "fleet", value_parser = input::made_devices())]
    synthetic: Option<u64>,

    #[command(flatten)]
    hashed: Hashed,

    #[command(flatten)]
    stated: Stated,
}

impl Previewed {
    /// When all of the plan is in force, all that move are shown.
    fn at(self, ends: Timestamp) -> Foreseen {
        let is_named = self.synthetic.is_some() || !self.fleet.is_empty();
        Foreseen {
            assumed: self.stated.assumed(),
            devices: is_named.then_some(Devices {
                fleet: self.fleet,
                synthetic: self.synthetic,
                hashed: self.hashed,
            }),
            at: ends,
        }
    }
}

/// Writes what a plan says.
pub(super) async fn write(
    target: Target,
    reason: String,
    plan: impl FnOnce(&Policy, &Canonical, Timestamp) -> Result<Plan, PlanError>,
) -> anyhow::Result<Exit> {
    let Target { edit, fleet } = target;
    let now = edit.at();
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    edit::write(edit, |tables| {
        let (canonical, _) = Canonical::read(tables);
        let plan = plan(&policy(tables)?, &canonical, now)?;
        let notes = plan
            .notes
            .iter()
            .map(|note| format!("note: {}\n", one_line(note)));
        Ok(Made {
            reason,
            preface: notes.collect(),
            foreseen: Some(fleet.at(plan.ends)),
            edits: plan.edits.into_iter().map(Edit::from).collect(),
        })
    })
    .await
}
