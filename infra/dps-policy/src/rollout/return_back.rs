//! `rollout return`: stops, and moves devices back.

use dps_fleet::rollout::{Command, Return, Schedule};

use super::command::{Target, give};
use crate::exit::Exit;

/// Stop, and move devices back
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy rollout return [OPTIONS] <--now|--share|--over> <ID>",
    after_help = AFTER_HELP
)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// All of them at their next registration
    #[arg(long, required_unless_present_any = ["share", "over"], conflicts_with_all = ["share", "over", "cap", "to"])]
    now: bool,

    /// Shares of those that have moved, such as '10;50;100 every 1d'
    #[arg(long, value_name = "SHARES")]
    share: Option<String>,

    /// Time over which they go back, such as 3d
    #[arg(long, value_name = "TIME")]
    over: Option<String>,

    /// At most this share of all devices goes back
    #[arg(
        long,
        value_name = "SHARE",
        default_value = "100%",
        hide_default_value = true
    )]
    cap: dps_allocation::bucket::Share,

    /// Hubs or pools to go back to [default: `from` of the rollout]
    #[arg(long, value_name = "HUBS")]
    to: Option<String>,
}

const AFTER_HELP: &str = "\
--now sets state=aborted, abortedAt and return=true. --share and --over set
state=aborted and add a rollout ID-return, which leads from `to` to `from`, has
the same salt and never a larger share: only devices that can have moved go
back. It is a rollout like any other: pause it, stop it, show it.

Examples:
  dps-policy rollout return --share '10;50;100 every 1d' 2026-q4-spread
  dps-policy rollout return --over 3d --cap 5% 2026-q4-spread
  dps-policy rollout return --now 2026-q4-spread

Exit codes: 0 written, 1 refused, 2 failure.";

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments {
        target,
        now,
        share,
        over,
        cap,
        to,
    } = arguments;
    let command = if now {
        Command::ReturnNow
    } else {
        Command::Return(Return {
            schedule: Schedule::parse(share.as_deref(), over.as_deref())?,
            cap,
            to,
        })
    };
    give(target, "return", command).await
}
