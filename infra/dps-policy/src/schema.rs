//! `schema`: what the documents of `--json` hold, for programs.

use std::collections::BTreeSet;

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;

use crate::exit::Exit;
use crate::output;

/// Print the JSON Schema of what a command answers with --json
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Command, such as preview or rollout list [default: lists them]
    #[arg(
        value_name = "COMMAND",
        num_args = 0..=2,
        ignore_case = true,
        value_parser = words(),
        hide_possible_values = true
    )]
    command: Vec<String>,
}

const AFTER_HELP: &str = "\
A schema may name another by its file name: `check.json` is that of check. A
member may be added in any version; none changes its meaning or goes away
without a line in the changelog.

Examples:
  dps-policy schema
  dps-policy schema preview
  dps-policy schema rollout list

Exit codes: 0 printed, 2 there is no such command.";

/// A schema, and the commands that answer so.
struct Schema {
    commands: &'static [&'static str],
    text: &'static str,
}

/// The schema in the file of this name, and the commands that answer so.
macro_rules! schema {
    ($file:literal: $($command:literal)+) => {
        Schema {
            commands: &[$($command),+],
            text: include_str!(concat!("../schema/", $file, ".json")),
        }
    };
}

/// Every command that has `--json`.
const SCHEMAS: [Schema; 17] = [
    schema!("check": "check"),
    schema!("diff": "diff"),
    schema!("doctor": "doctor"),
    schema!("edit": "drain" "move" "rebalance" "rollback" "rollout-pause" "rollout-plan" "rollout-promote"
        "rollout-resume" "rollout-return" "rollout-stop" "set"),
    schema!("explain": "explain"),
    schema!("history": "history"),
    schema!("preview": "preview"),
    schema!("prove": "prove"),
    schema!("push": "push" "shadow-start"),
    schema!("replay": "replay"),
    schema!("rollout-list": "rollout-list"),
    schema!("rollout-show": "rollout-show"),
    schema!("rollout-watch": "rollout-watch"),
    schema!("shadow-status": "shadow-status"),
    schema!("shadow-stop": "shadow-stop"),
    schema!("simulate": "simulate"),
    schema!("test": "test"),
];

fn commands() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().flat_map(|schema| schema.commands).copied()
}

/// Whole names, and the words of each.
fn words() -> PossibleValuesParser {
    let parts = commands().flat_map(|command| command.split('-'));
    let words: BTreeSet<&str> = commands().chain(parts).collect();
    PossibleValuesParser::new(words)
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.command.is_empty() {
        let mut names: Vec<&str> = commands().collect();
        names.sort_unstable();
        output::print_plain(&(names.join("\n") + "\n"))?;
        return Ok(Exit::Success);
    }
    let command = arguments.command.join("-").to_ascii_lowercase();
    let mut schemas = SCHEMAS.iter();
    let schema = schemas.find(|schema| schema.commands.contains(&&*command));
    let schema = schema.with_context(|| {
        let words = arguments.command.join(" ");
        format!("`{words}` has no --json; `dps-policy schema` lists the commands that have it")
    })?;
    output::print_plain(schema.text)?;
    Ok(Exit::Success)
}
