//! `rollout watch`: shows a rollout again and again, with what the decision log says of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use dps_fleet::rollout::{self, Moves, Phase, Status};
use jiff::Timestamp;
use serde::Serialize;

use super::screen;
use super::show::View;
use crate::checked::Checked;
use crate::exit::Exit;
use crate::{check, output};

/// Show a rollout again and again, until it is complete
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Id of the rollout, or TENANT/ID
    id: String,

    #[command(flatten)]
    view: View,

    /// Decision log, for the devices that the rollout has moved
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,

    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    every: u64,

    /// Stop after this number of looks
    #[arg(long, value_name = "COUNT")]
    count: Option<u64>,
}

const AFTER_HELP: &str = "\
Each look reads the tables and the log again. Without --log, nothing is known of
the devices themselves.

Examples:
  dps-policy rollout watch 2026-q4-spread
  dps-policy rollout watch --log webhook.log --every 60 2026-q4-spread
  dps-policy rollout watch --json --count 1 2026-q4-spread

Exit codes: 0 it is complete, stopped, or seen --count times, 1 the tables have
errors, 2 failure.";

/// A line of `rollout watch --json`.
#[derive(Serialize)]
struct Look {
    at: Timestamp,
    #[serde(flatten)]
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Moves>,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let mut looks = 0;
    loop {
        let checked = Checked::read(arguments.view.policy.clone()).await?;
        let Some(policy) = &checked.policy else {
            return check::report(&checked, arguments.view.json);
        };
        let at = arguments.view.at.unwrap_or_else(Timestamp::now);
        let status = Status::of(rollout::find(policy, &arguments.id)?, at);
        let log = arguments.log.as_deref();
        let log = log.map(|log| moves(log, &status)).transpose()?;
        let goes_on = status.next.is_some() || status.phase == Phase::Paused;
        show(&Look { at, status, log }, arguments.view.json)?;
        looks += 1;
        if !goes_on || arguments.count.is_some_and(|count| looks >= count) {
            return Ok(Exit::Success);
        }
        // Nothing else waits on this thread.
        std::thread::sleep(Duration::from_secs(arguments.every));
    }
}

fn moves(log: &Path, status: &Status) -> anyhow::Result<Moves> {
    let file = std::fs::File::open(log);
    let file = file.and_then(|it| Moves::read(std::io::BufReader::new(it), status));
    file.with_context(|| format!("`{}` cannot be read", log.display()))
}

fn show(look: &Look, json: bool) -> anyhow::Result<()> {
    if json {
        let line = serde_json::to_string(look).context("the answer cannot be JSON")?;
        return output::print_plain(&(line + "\n"));
    }
    let mut text = screen::sentence(&look.status);
    if let Some(log) = &look.log {
        text.push_str(&screen::moves(log));
    }
    output::print(&text)
}
