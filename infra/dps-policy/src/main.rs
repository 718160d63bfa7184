//! The operator's tool: checks config tables, explains decisions, compares and moves tables.

mod ask;
mod base;
mod changes;
mod check;
mod checked;
mod completions;
mod csv_list;
mod device;
mod devices;
mod diff;
mod doctor;
mod edit;
mod exit;
mod explain;
mod formulas;
mod grid;
mod hashed;
mod history;
mod init;
mod input;
mod keyless;
mod log_files;
mod moment;
mod output;
mod page;
mod plan_file;
mod planning;
mod preview;
mod progress;
mod prove;
mod publish;
mod pull;
mod push;
mod replay;
mod rollback;
mod rollout;
mod scenarios;
mod schema;
mod screen;
mod set;
mod shadow;
mod simulate;
mod source;
mod stated;
mod webhook;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::exit::Exit;

/// Checks the config tables of dps-allocator, explains its decisions, compares and moves tables.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, max_term_width = output::HELP_WIDTH)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Arguments),
    Check(check::Arguments),
    Explain(explain::Arguments),
    Test(scenarios::Arguments),
    Diff(diff::Arguments),
    Doctor(doctor::Arguments),
    Preview(preview::Arguments),
    Replay(replay::Arguments),
    Simulate(simulate::Arguments),
    Set(set::Arguments),
    Pull(pull::Arguments),
    Push(push::Arguments),
    History(history::Arguments),
    Rollback(rollback::Arguments),
    Rollout(rollout::Arguments),
    Shadow(shadow::Arguments),
    Drain(planning::Drain),
    Rebalance(planning::Rebalance),
    Move(planning::Move),
    Prove(prove::Arguments),
    Schema(schema::Arguments),
    Completions(completions::CompletionArguments),
    Man(completions::ManArguments),
}

const AFTER_HELP: &str = "\
A source of config tables is one of
  FOLDER           a folder of CSV files, such as infra/policy (or ./tables, if
                   that is its name)
  tables           the Azure Tables that the settings PolicyTables.. name
  tables@REVISION  what they held at a revision
Without a source: tables if PolicyTables or PolicyTables__tableServiceUri is
set, else the folder that POLICY_DIR names, else infra/policy.

Examples:
  dps-policy check
  dps-policy explain request.json
  dps-policy test infra/policy
  dps-policy diff infra/policy tables
  dps-policy preview tables my-policy --fleet fleet.csv
  dps-policy set hubs contoso-weu-1 weight=5
  dps-policy push --reason 'drain weu-2' infra/policy
  dps-policy doctor http://localhost:7071 infra/policy

Exit codes: 0 success, 1 findings or refused, 2 failure.";

fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| keyless::error(error).exit());
    match contain(|| run(arguments.command)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::complain(&error);
            Exit::Failed.into()
        }
    }
}

fn run(command: Command) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the async runtime cannot be started")?;
    runtime.block_on(async {
        match command {
            Command::Init(arguments) => init::run(&arguments),
            Command::Check(arguments) => check::run(arguments).await,
            Command::Explain(arguments) => explain::run(arguments).await,
            Command::Test(arguments) => scenarios::run(arguments).await,
            Command::Set(arguments) => set::run(arguments).await,
            Command::Diff(arguments) => diff::run(arguments).await,
            Command::Doctor(arguments) => doctor::run(arguments).await,
            Command::Preview(arguments) => preview::run(arguments).await,
            Command::Replay(arguments) => replay::run(arguments).await,
            Command::Simulate(arguments) => simulate::run(arguments).await,
            Command::Pull(arguments) => pull::run(arguments).await,
            Command::Push(arguments) => push::run(arguments).await,
            Command::History(arguments) => history::run(arguments).await,
            Command::Rollback(arguments) => rollback::run(arguments).await,
            Command::Rollout(arguments) => rollout::run(arguments).await,
            Command::Shadow(arguments) => shadow::run(arguments).await,
            Command::Drain(arguments) => planning::drain(arguments).await,
            Command::Rebalance(arguments) => planning::rebalance(arguments).await,
            Command::Move(arguments) => planning::pin(arguments).await,
            Command::Prove(arguments) => prove::run(arguments).await,
            Command::Schema(arguments) => schema::run(&arguments),
            Command::Completions(arguments) => {
                completions::completions(&arguments, Arguments::command())
            }
            Command::Man(arguments) => completions::man(&arguments, Arguments::command()),
        }
    })
}

/// Turns a panic into an error: an expression can hit a fault of its parser.
fn contain(run: impl FnOnce() -> anyhow::Result<Exit>) -> anyhow::Result<Exit> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_panic| {
        Err(anyhow::anyhow!(
            "a fault of the program; the lines above say where"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_fault_is_an_error() {
        assert!(contain(|| panic!("a fault, on purpose")).is_err());
        assert_eq!(contain(|| Ok(Exit::Success)).unwrap(), Exit::Success);
    }
}
