//! `rollout`: where rollouts stand, and the edits of rows that steer them.

mod command;
mod return_back;
mod screen;
mod show;
mod watch;

use dps_fleet::rollout;

use crate::exit::Exit;
use crate::planning;
use command::{Target, give};

/// Show rollouts; plan, pause, resume, promote, stop or return one
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    List(show::List),
    Show(show::Show),
    Plan(Box<planning::Movement>),
    Watch(watch::Arguments),
    /// Keep the share that is reached
    #[command(override_usage = "dps-policy rollout pause [OPTIONS] <ID>", after_help = command::AFTER_PAUSE)]
    Pause(Target),
    /// Let the share grow again after a pause
    #[command(override_usage = "dps-policy rollout resume [OPTIONS] <ID>", after_help = command::AFTER_RESUME)]
    Resume(Target),
    Promote(command::Promote),
    /// Move no further device; those that have moved stay
    #[command(override_usage = "dps-policy rollout stop [OPTIONS] <ID>", after_help = command::AFTER_STOP)]
    Stop(Target),
    Return(return_back::Arguments),
}

const AFTER_HELP: &str = "\
A rollout is named by its id, or by TENANT/ID where several have that id. Each
command edits its row as `set` does: checks, shows, asks, writes.

  pause    the share stays; a device within it that registers later still moves
  stop     no further device moves; those that have moved stay
  return   stop, and move devices back, all at once or step by step

Examples:
  dps-policy rollout list
  dps-policy rollout pause 2026-q4-spread
  dps-policy rollout return --share '10;100 every 1d' 2026-q4-spread

Exit codes: 0 done, 1 the tables would have errors, or somebody else has edited
or is pushing, 2 failure.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        Command::List(arguments) => show::list(arguments).await,
        Command::Show(arguments) => show::show(arguments).await,
        Command::Plan(arguments) => planning::movement(*arguments).await,
        Command::Watch(arguments) => watch::run(arguments).await,
        Command::Pause(target) => give(target, "pause", rollout::Command::Pause).await,
        Command::Resume(target) => give(target, "resume", rollout::Command::Resume).await,
        Command::Promote(arguments) => command::promote(arguments).await,
        Command::Stop(target) => give(target, "stop", rollout::Command::Stop).await,
        Command::Return(arguments) => return_back::run(arguments).await,
    }
}
