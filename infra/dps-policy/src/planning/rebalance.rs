//! `rebalance`: other weights, and the least number of devices that has to move for them.

use dps_fleet::plan::Rebalance;

use super::course::Course;
use super::target::write;
use crate::exit::Exit;

/// Give hubs other weights, and move as few devices as that takes
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy rebalance [OPTIONS] --weights <HUB=WEIGHT,..>",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// The hubs to rebalance, with their new weights
    #[arg(long, value_name = "HUB=WEIGHT", value_delimiter = ',', required = true, value_parser = pair::<u16>)]
    weights: Vec<(String, u16)>,

    /// How many devices each hub has [default: as the present weights place them]
    #[arg(long, value_name = "HUB=COUNT", value_delimiter = ',', value_parser = pair::<u64>)]
    loads: Option<Vec<(String, u64)>>,

    #[command(flatten)]
    course: Course,
}

const AFTER_HELP: &str = "\
Sets the weights, which moves nobody, and adds a rollout from each hub that has
too many devices to each that has too few. No device moves twice, and none moves
without need. Stop the rollouts to end it at any step. Other hubs keep their
weights. With --fleet or --synthetic, first shows which devices move in the end.

Examples:
  dps-policy rebalance --weights weu-1=2,weu-2=1,neu-1=1
  dps-policy rebalance --weights a=1,b=1 --loads a=90000,b=10000 --over 7d
  dps-policy rebalance --weights a=1,b=1 --fleet fleet.csv

Exit codes: 0 written, 1 the tables would have errors, or refused, 2 failure.";

/// Reads `HUB=NUMBER`.
fn pair<T: std::str::FromStr>(word: &str) -> Result<(String, T), String> {
    let pair = word.split_once('=').and_then(|(hub, number)| {
        let number = number.trim().parse().ok()?;
        Some((hub.trim().to_owned(), number))
    });
    pair.ok_or_else(|| "write a hub and a whole number, such as weu-1=2".to_owned())
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments {
        weights,
        loads,
        course,
    } = arguments;
    let rebalance = Rebalance {
        schedule: course.schedule()?,
        loads: loads.map(|loads| loads.into_iter().collect()),
        id: course.id,
        tenant: course.tenant,
        weights,
    };
    let words = rebalance.weights.iter();
    let words: Vec<String> = words
        .map(|(hub, weight)| format!("{hub}={weight}"))
        .collect();
    let reason = format!("rebalance {}", words.join(","));
    write(course.target, reason, |policy, tables, now| {
        rebalance.plan(policy, tables, now)
    })
    .await
}
