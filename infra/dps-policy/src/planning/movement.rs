//! `rollout plan`: a rollout from some hubs to others.

use dps_fleet::plan::Movement;

use super::course::Course;
use super::target::write;
use crate::exit::Exit;

/// Plan a rollout from some hubs to others
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy rollout plan [OPTIONS] --from <HUBS> --to <HUBS>",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// Hubs or pools that devices leave, separated by `;`
    #[arg(long, value_name = "HUBS")]
    from: String,

    /// Hubs or pools that they go to
    #[arg(long, value_name = "HUBS")]
    to: String,

    #[command(flatten)]
    course: Course,
}

const AFTER_HELP: &str = "\
Adds a row to rollouts. Devices move when they register; new devices are placed
as before. A rollout that would keep its devices on a hub of --from is named.
With --fleet or --synthetic, first shows which devices move in the end.

Examples:
  dps-policy rollout plan --from contoso-weu-1 --to contoso-eus-1
  dps-policy rollout plan --from weu-1 --to 'neu-1;fra-1' --over 7d
  dps-policy rollout plan --from weu-1 --to eu --share '1;10;100 every 12h'
  dps-policy rollout plan --from weu-1 --to eu --synthetic 1000

Exit codes: 0 written, 1 the tables would have errors, or refused, 2 failure.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments { from, to, course } = arguments;
    let movement = Movement {
        schedule: course.schedule()?,
        id: course.id,
        tenant: course.tenant,
        from,
        to,
    };
    let reason = format!("rollout plan {} to {}", movement.from, movement.to);
    write(course.target, reason, |policy, tables, now| {
        movement.plan(policy, tables, now)
    })
    .await
}
