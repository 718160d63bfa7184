//! `shadow status`: what the candidate decides, from the webhook, the log or its tables.

use std::path::PathBuf;

use dps_fleet::shadow::{Candidate, Observed, observe};
use reqwest::Url;
use serde::Serialize;

use super::held::{Held, held};
use super::place::Named;
use super::screen;
use crate::exit::Exit;
use crate::hashed::Hashed;
use crate::webhook::{self, Reported};
use crate::{devices, log_files, output};

/// Show what the candidate decides, next to the live policy
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Where the webhook is, without /api/policy; `OPERATOR_KEY` is its key
    #[arg(value_name = "URL", value_parser = webhook::url)]
    url: Option<Url>,

    /// Files with lines of the decision log; `-` reads stdin
    #[arg(long, value_name = "LOG", num_args = 1..)]
    log: Vec<PathBuf>,

    #[command(flatten)]
    named: Named,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
The webhook that answers counts since it installed the revision, and each
instance counts for itself. The decision log of all instances tells more: which
answers differ, and for which devices. Files may be compressed by gzip or zstd.
Without URL and --log, it shows what the candidate's tables hold.

Examples:
  OPERATOR_KEY=.. dps-policy shadow status https://APP.azurewebsites.net
  dps-policy shadow status --log logs/2026-11-26-*.log.gz
  dps-policy shadow status

Exit codes: 0 all decisions are the same, or there is a candidate if nothing
counts its decisions; 1 some differ, or there is no candidate; 2 failure or
interrupted.";

/// What `shadow status --json` answers.
#[derive(Serialize)]
struct Document {
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<Reported>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Observed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tables: Option<Held>,
}

pub(super) async fn run(mut arguments: Arguments) -> anyhow::Result<Exit> {
    if arguments.url.is_none() {
        let behind = log_files::behind(&mut arguments.log, |text| {
            webhook::is_address(text).then(|| webhook::url(text))
        });
        arguments.url = behind.transpose().map_err(anyhow::Error::msg)?;
    }
    let mut text = String::new();
    let mut exit = Exit::Success;
    let mut document = Document {
        webhook: None,
        log: None,
        tables: None,
    };
    if let Some(url) = &arguments.url {
        document.webhook = webhook::candidate(url).await?;
        let candidate = document.webhook.as_ref();
        text += &screen::reported(candidate, url);
        let is_same = candidate.is_some_and(|it| it.revision.is_some() && it.different() == 0);
        exit = worse(exit, is_same);
    }
    let mut broken = None;
    if !arguments.log.is_empty() {
        let logs = &arguments.log;
        let (observed, why) = devices::each_of(logs, &Hashed::default(), |batches, run| {
            observe(batches, run.threads, run.watch)
        })?;
        broken = why;
        text += &screen::observed(&observed, output::width());
        // Earlier ones have been corrected.
        let is_same = observed.candidates.first().map(Candidate::different) == Some(0);
        exit = worse(exit, is_same);
        document.log = Some(observed);
    }
    if arguments.url.is_none() && arguments.log.is_empty() {
        let held = held(&arguments.named).await?;
        text += &screen::held(&held);
        exit = worse(exit, held.revision.is_some());
        document.tables = Some(held);
    }
    if arguments.json {
        output::print_json(&document)?;
    } else {
        output::print(&text)?;
    }
    if !devices::is_whole(broken, document.log.is_some_and(|it| it.interrupted))? {
        return Ok(Exit::Failed);
    }
    Ok(exit)
}

fn worse(exit: Exit, is_good: bool) -> Exit {
    if is_good { exit } else { Exit::Findings }
}
