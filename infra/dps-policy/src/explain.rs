//! `explain`: the whole reasoning about one request, by the webhook's own code.

mod json;
mod log;
mod screen;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;
use dps_allocation::{Explanation, Facts, IdKey, Policy, Registration, RevisionPrefix};
use jiff::Timestamp;
use serde::Serialize;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::source::Source;
use crate::{check, device, output};
use log::Comparison;

/// Explain a decision: each step, its row, why not each hub
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy explain [OPTIONS] <REQUEST.json|--log <LINE>>",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// File with an allocation request as DPS sends it; `-` reads stdin
    #[arg(value_name = "REQUEST.json", required_unless_present = "log")]
    request: Option<PathBuf>,

    /// Decide again by the line of a decision in the log; `-` reads stdin
    #[arg(long, value_name = "LINE", conflicts_with = "request")]
    log: Option<String>,

    /// Registration id of the device, where the log hashes ids; may be repeated
    #[arg(long, value_name = "ID", requires = "log")]
    id: Vec<String>,

    /// File with registration ids, one a line; the one whose hash is in the line counts
    #[arg(long, value_name = "FILE", requires = "log")]
    ids: Option<PathBuf>,

    /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
    #[arg(long, value_name = "SOURCE", value_parser = Source::parser())]
    policy: Option<Source>,

    /// When rollouts are judged, RFC 3339 [default: now]; or the tables' REVISION
    #[arg(long, value_name = "TIME")]
    at: Option<At>,

    /// Print JSON, as POST /api/explain does
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
With --log, the tables are those that decided (tables@REVISION of the line, or
the folder if it holds that revision), and the time is that of the line.

Where the webhook hashes ids (LOG_ID_KEY), set LOG_ID_KEY to the same key, and
name the device with --id, or all that it can be with --ids.

Examples:
  dps-policy explain tests/fixtures/allocation/group-x509.json
  dps-policy explain request.json --policy tables --at 2026-12-08T00:00:00Z
  dps-policy explain --json - <request.json | jq .decidedBy
  grep pump-0042 webhook.log | tail -1 | dps-policy explain --log -

Exit codes: 0 the device is assigned, 1 it is refused or the tables have errors
(which are shown, as check does), 2 the request or the tables cannot be read.
With --log: 0 the decision is the one that was logged, 1 it is another.";

/// When, or by which revision of the tables.
#[derive(Clone, Debug)]
enum At {
    Time(Timestamp),
    Revision(RevisionPrefix),
}

impl FromStr for At {
    type Err = jiff::Error;

    /// No time consists of hex digits only.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(revision) => Ok(Self::Revision(revision)),
            Err(_no_revision) => Ok(Self::Time(text.parse()?)),
        }
    }
}

/// The webhook's setting of the same name.
const LOG_ID_KEY: &str = "LOG_ID_KEY";

/// Longest request that is read, in bytes: the webhook's own limit.
const MAX_REQUEST: usize = 256 * 1024;

/// What `explain --json` answers.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    explanation: &'a Explanation,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<&'a Comparison>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match (&arguments.log, &arguments.request) {
        (Some(log), _) => explain_log(log, &arguments).await,
        (None, Some(request)) => explain_request(request, &arguments).await,
        (None, None) => anyhow::bail!("name a request, or the line of a log with --log"),
    }
}

async fn explain_request(request: &Path, arguments: &Arguments) -> anyhow::Result<Exit> {
    let name = match request.to_str() {
        Some("-") => "stdin".to_owned(),
        _ => format!("`{}`", request.display()),
    };
    let body = read(request).with_context(|| format!("{name} cannot be read"))?;
    let too_large = "has more than 256 KiB: the webhook refuses it as `bodyTooLarge`";
    anyhow::ensure!(body.len() <= MAX_REQUEST, "{name} {too_large}");
    let registration =
        Registration::parse(&body).with_context(|| format!("{name} is no allocation request"))?;
    let checked = arguments.tables(None).await?;
    let Some(policy) = &checked.policy else {
        return check::report(&checked, arguments.json);
    };
    let record = device::record(&checked.source, policy, &registration).await?;
    let facts = Facts {
        now: arguments.time().unwrap_or_else(Timestamp::now),
        device: device::fact(policy, record.as_ref(), &registration)?,
    };
    let explanation = dps_allocation::explain(policy, &registration, &facts);
    arguments.show(&explanation, &checked.source, facts.now, None)?;
    Ok(match explanation.outcome {
        "assigned" => Exit::Good,
        _ => Exit::Findings,
    })
}

async fn explain_log(log: &str, arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut record = log::read(log)?;
    log::reveal(&mut record, || arguments.candidates())?;
    let registration = record.registration()?;
    let checked = arguments.tables(Some(log::revision(&record)?)).await?;
    let Some(policy) = &checked.policy else {
        return check::report(&checked, arguments.json);
    };
    let row = record.row()?;
    let facts = Facts {
        now: arguments.time().unwrap_or(record.time),
        device: record.device(policy, row.as_ref())?,
    };
    let explanation = dps_allocation::replay(policy, &registration, &facts, &record.evidence)?;
    let comparison = Comparison::new(&record, &explanation);
    arguments.show(&explanation, &checked.source, facts.now, Some(&comparison))?;
    Ok(if comparison.is_same() {
        Exit::Good
    } else {
        Exit::Findings
    })
}

impl Arguments {
    /// The ids that a hash may stand for, and the key that it was made with.
    fn candidates(&self) -> anyhow::Result<(IdKey, Vec<String>)> {
        let mut ids = self.id.clone();
        if let Some(file) = &self.ids {
            let text = std::fs::read_to_string(file);
            let text = text.with_context(|| format!("`{}` cannot be read", file.display()))?;
            ids.extend(text.lines().map(|line| line.trim().to_owned()));
        }
        let key = std::env::var(LOG_ID_KEY).unwrap_or_default();
        anyhow::ensure!(
            !key.is_empty() && !ids.is_empty(),
            "--log has a hash in place of the registration id; set {LOG_ID_KEY} to the key of the \
             webhook, and name the device with --id ID, or all that it can be with --ids FILE"
        );
        let key = IdKey::parse(&key).map_err(|rule| anyhow::anyhow!("{LOG_ID_KEY}: {rule}"))?;
        Ok((key, ids))
    }

    fn time(&self) -> Option<Timestamp> {
        match self.at {
            Some(At::Time(time)) => Some(time),
            Some(At::Revision(_)) | None => None,
        }
    }

    /// The tables to decide by: those that are named, else those of `--at`, else those that have
    /// decided.
    async fn tables(&self, decided: Option<RevisionPrefix>) -> anyhow::Result<Checked> {
        let revision = match &self.at {
            Some(At::Revision(revision)) => Some(revision.clone()),
            Some(At::Time(_)) | None => decided.filter(|_| self.policy.is_none()),
        };
        let source = self.policy.clone().map_or_else(Source::of_settings, Ok)?;
        let Some(revision) = revision else {
            return Checked::read(Some(source)).await;
        };
        let source = match source {
            Source::Tables | Source::Revision(_) => Source::Revision(revision.clone()),
            folder @ Source::Folder(_) => folder,
        };
        let checked = Checked::read(Some(source)).await?;
        let holds = checked.policy.as_ref().map(Policy::revision);
        if let Some(holds) = holds.filter(|holds| !revision.matches(*holds)) {
            let source = &checked.source;
            anyhow::bail!(
                "`{source}` holds revision {}, not {}; set PolicyTables, whose \
                 history keeps revisions, or check out the files of that time, or write \
                 --policy {source} to decide by what it holds",
                holds.short(),
                revision.short()
            );
        }
        Ok(checked)
    }

    fn show(
        &self,
        explanation: &Explanation,
        source: &Source,
        at: Timestamp,
        log: Option<&Comparison>,
    ) -> anyhow::Result<()> {
        if self.json {
            return output::print_json(&Document { explanation, log });
        }
        let log = log.map(Comparison::text);
        let mut text = screen::text(explanation, source, at, log, output::width());
        // The first line is the answer; it shall not have scrolled away.
        let rows = output::height();
        if rows.is_some_and(|rows| text.lines().count() >= rows) {
            let answer = text.lines().next().unwrap_or_default().to_owned();
            text.push('\n');
            text.push_str(&answer);
            text.push('\n');
        }
        output::print(&text)
    }
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
