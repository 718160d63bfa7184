//! `drain`: empties a hub by a date.

use dps_fleet::plan::Drain;
use jiff::Timestamp;

use super::target::{Target, write};
use crate::exit::Exit;
use crate::moment::time;

/// Empty a hub by a date
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy drain [OPTIONS] --by <TIME> <HUB>",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// The hub
    hub: String,

    /// When its last device is selected
    #[arg(long, value_name = "TIME", value_parser = time)]
    by: Timestamp,

    /// Hubs or pools that devices go to [default: every other open hub]
    #[arg(long, value_name = "HUBS")]
    to: Option<String>,

    /// Id of the rollout [default: its date and hub]
    #[arg(long)]
    id: Option<String>,

    #[command(flatten)]
    target: Target,
}

const AFTER_HELP: &str = "\
Sets the hub's state to draining, so that it gets no new device, and adds a
rollout whose share grows evenly to 100% at --by. A device leaves when it
registers, for a hub that its tenant may use; with no such hub, it stays.
With --fleet or --synthetic, first shows which devices have left by then.

Examples:
  dps-policy drain contoso-weu-1 --by 2026-12-24
  dps-policy drain weu-1 --by 2026-12-24 --to 'neu-1;fra-1'
  dps-policy drain weu-1 --by 2026-12-24 --fleet fleet.csv

Exit codes: 0 written, 1 the tables would have errors, or refused, 2 failure.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments {
        hub,
        by,
        to,
        id,
        target,
    } = arguments;
    let drain = Drain { hub, by, to, id };
    let reason = format!("drain {} by {by}", drain.hub);
    write(target, reason, |policy, tables, now| {
        drain.plan(policy, tables, now)
    })
    .await
}
