//! `replay`: past decisions again, by other tables.

mod screen;

use std::path::PathBuf;

use dps_fleet::replay::{Replayed, replay};
use jiff::Timestamp;
use serde::Serialize;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::hashed::Hashed;
use crate::source::Source;
use crate::{check, devices, moment, output};

/// Decide the decisions of a log again, by these tables or others
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Files with lines of the decision log; `-` reads stdin
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,

    /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
    #[arg(long, value_name = "SOURCE")]
    policy: Option<Source>,

    /// When devices register [default: the time of each line]
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    at: Option<Timestamp>,

    #[command(flatten)]
    hashed: Hashed,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
Lines that are not decisions are passed over; files may be compressed by gzip or
zstd. Each decision is taken again by the version of the rules that took it. The
log holds no payload and no certificate: where the tables read something that
the logged decision did not, the request itself is needed (see explain).

Examples:
  dps-policy replay webhook.log
  dps-policy replay --policy my-policy logs/2026-11-*.log.gz
  kubectl logs deploy/dps-webhook | dps-policy replay --policy my-policy -

Exit codes: 0 every decision is the same, or its request is needed; 1 some
differ or the tables have errors, 2 failure or interrupted.";

/// What `replay --json` answers.
#[derive(Serialize)]
struct Document<'a> {
    policy: String,
    logs: &'a [PathBuf],
    #[serde(flatten)]
    replayed: &'a Replayed,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let checked = Checked::read(arguments.policy).await?;
    let Some(policy) = &checked.policy else {
        return check::report(&checked, arguments.json);
    };
    let (replayed, broken) =
        devices::each_of(&arguments.logs, &arguments.hashed, |batches, run| {
            replay(batches, policy, arguments.at, run.threads, run.watch)
        })?;
    let document = Document {
        policy: checked.source.to_string(),
        logs: &arguments.logs,
        replayed: &replayed,
    };
    let text = || screen::text(&replayed, &checked.source, output::width());
    output::answer(arguments.json, &document, text)?;
    if !devices::is_whole(broken, replayed.interrupted)? {
        return Ok(Exit::Failed);
    }
    if replayed.decisions == 0 {
        output::note("the log has no decision that can be read, so that nothing was compared");
        return Ok(Exit::Failed);
    }
    Ok(Exit::of(replayed.different == 0))
}
