//! `explain`: the whole reasoning about one request, by the webhook's own code.

mod arguments;
mod log;
mod screen;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context as _;
use dps_allocation::{Explanation, Facts, Registration};
use jiff::Timestamp;
use serde::Serialize;

use crate::exit::Exit;
use crate::source::Source;
use crate::{check, device, output};
pub(crate) use arguments::Arguments;
use log::Comparison;

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
    let registration = Registration::parse(&body)
        .with_context(|| format!("{name} is not an allocation request"))?;
    let checked = arguments.tables(None).await?;
    let Some(policy) = &checked.policy else {
        return check::report(&checked, arguments.json);
    };
    let now = arguments.time().unwrap_or_else(Timestamp::now);
    let explanation = device::explain(&checked.source, policy, &registration, now).await?;
    show(arguments, &explanation, &checked.source, now, None)?;
    Ok(Exit::of(explanation.outcome == "assigned"))
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
    let explanation = dps_allocation::replay(
        policy,
        &registration,
        &facts,
        record.version()?,
        &record.evidence,
    )?;
    let comparison = Comparison::new(&record, &explanation);
    show(
        arguments,
        &explanation,
        &checked.source,
        facts.now,
        Some(&comparison),
    )?;
    Ok(Exit::of(comparison.is_same()))
}

fn show(
    arguments: &Arguments,
    explanation: &Explanation,
    source: &Source,
    at: Timestamp,
    log: Option<&Comparison>,
) -> anyhow::Result<()> {
    if arguments.json {
        return output::print_json(&Document { explanation, log });
    }
    let log = log.map(Comparison::text);
    let mut text = screen::text(explanation, source, at, log, output::width());
    // The first line is the answer; it is repeated if it has scrolled away.
    let rows = output::height();
    if rows.is_some_and(|rows| text.lines().count() >= rows) {
        let answer = text.lines().next().unwrap_or_default().to_owned();
        text.extend(["\n", &answer, "\n"]);
    }
    output::print(&text)
}

/// Reads one byte more than the limit, so that a longer file is noticed.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(File::open(path)?),
    };
    let mut body = Vec::new();
    file.take(MAX_REQUEST as u64 + 1).read_to_end(&mut body)?;
    Ok(body)
}
