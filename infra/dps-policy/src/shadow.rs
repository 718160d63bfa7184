//! `shadow`: a candidate policy on live traffic, from its start to its end.

mod held;
mod place;
mod screen;
mod start;
mod status;
mod stop;

use crate::exit::Exit;

/// Try a candidate policy on live traffic: start, status, stop
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Start(start::Arguments),
    Status(status::Arguments),
    Stop(stop::Arguments),
}

const AFTER_HELP: &str = "\
The webhook decides the candidate beside the live policy if its setting
POLICY_SHADOW names the candidate's tables. What differs is counted and logged;
no answer changes.

Examples:
  dps-policy shadow start draft
  dps-policy shadow status https://APP.azurewebsites.net
  dps-policy shadow status --log webhook.log
  dps-policy shadow stop

Exit codes: 0 done, or all decisions are the same; 1 some differ, there is no
candidate, or nothing was written; 2 failure.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        Command::Start(arguments) => start::run(arguments).await,
        Command::Status(arguments) => status::run(arguments).await,
        Command::Stop(arguments) => stop::run(arguments).await,
    }
}
