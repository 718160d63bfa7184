//! `explain`: the whole reasoning about one request, by the webhook's own code.

mod json;
mod screen;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dps_allocation::{Facts, Registration};
use jiff::Timestamp;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::source::Source;
use crate::{check, device, output};

/// Explain a decision: every step, the row that decided, why not each hub
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// File with an allocation request as DPS sends it; `-` reads stdin
    #[arg(value_name = "REQUEST.json")]
    request: PathBuf,

    /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
    #[arg(long, value_name = "SOURCE", value_parser = Source::parser())]
    policy: Option<Source>,

    /// The moment that rollouts are judged at, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,

    /// Print JSON, as POST /api/explain does
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
Examples:
  dps-policy explain tests/fixtures/allocation/group-x509.json
  dps-policy explain request.json --policy tables --at 2026-12-08T00:00:00Z
  dps-policy explain --json - <request.json | jq .decidedBy

Exit codes: 0 the device is assigned, 1 it is refused or the tables have errors (which are shown, as
check does), 2 the request or the tables cannot be read.";

/// Longest request that is read, in bytes: the webhook's own limit.
const MAX_REQUEST: usize = 256 * 1024;

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let name = match arguments.request.to_str() {
        Some("-") => "stdin".to_owned(),
        _ => format!("`{}`", arguments.request.display()),
    };
    let body = read(&arguments.request).with_context(|| format!("{name} cannot be read"))?;
    let too_large = "has more than 256 KiB: the webhook refuses it as `bodyTooLarge`";
    anyhow::ensure!(body.len() <= MAX_REQUEST, "{name} {too_large}");
    let registration =
        Registration::parse(&body).with_context(|| format!("{name} is no allocation request"))?;
    let checked = Checked::read(arguments.policy).await?;
    let Some(policy) = &checked.policy else {
        return check::report(&checked, arguments.json);
    };
    let record = device::record(&checked.source, policy, &registration).await?;
    let facts = Facts {
        now: arguments.at.unwrap_or_else(Timestamp::now),
        device: device::fact(policy, record.as_ref(), &registration)?,
    };
    let explanation = dps_allocation::explain(policy, &registration, &facts);
    if arguments.json {
        output::print_json(&explanation)?;
    } else {
        let screen = screen::text(&explanation, &checked.source, facts.now, output::width());
        output::print(&screen)?;
    }
    Ok(match explanation.outcome {
        "assigned" => Exit::Good,
        _ => Exit::Findings,
    })
}

/// Reads a little more than the limit, so that a file beyond it can be told.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(File::open(path)?),
    };
    let mut body = Vec::new();
    file.take(MAX_REQUEST as u64 + 1).read_to_end(&mut body)?;
    Ok(body)
}
