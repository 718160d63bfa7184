//! `history`: the stored revisions, and what each has changed.

mod changed;
pub(crate) mod timeline;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anstyle::Style;
use dps_allocation::RevisionPrefix;
use dps_policy_store::{RevisionEntry, Revisions};
use dps_settings::wrapped;
use serde::Serialize;

use self::timeline::Event;
use crate::checked::Checked;
use crate::exit::Exit;
use crate::output::{self, one_line};
use crate::source::{self, Source};

/// List the revisions that were in use, the newest first
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// How many to list
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 20)]
    limit: usize,

    /// Print JSON: source, current, previous, revisions
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
A revision is stored when a webhook installs it or a push writes it; * marks what
the tables hold now. Below each is what it changed of the one before. Who pushed
is the identity of the token that the push signed in with, and what --author
says; with an account key or a signature there is no identity.

Examples:
  dps-policy history
  dps-policy history --json | jq -r .previous

Exit codes: 0 listed, 2 the tables cannot be read.";

/// What `history --json` answers.
#[derive(Serialize)]
struct History<'a> {
    source: String,
    /// What the tables hold now; none where they have errors.
    current: Option<RevisionPrefix>,
    /// What `rollback --previous` goes back to.
    previous: Option<&'a RevisionPrefix>,
    /// The one that was last put into use first.
    revisions: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    entry: &'a RevisionEntry,
    /// What it changed when it was last put into use; none where that cannot be read.
    changed: Option<String>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let store = source::azure()?;
    let revisions = Revisions::of(&store).history().await?;
    let current = Checked::read(Some(Source::Tables)).await?.policy;
    let current = current.map(|policy| RevisionPrefix::from(policy.revision()));
    let events = timeline::events(&revisions);
    let changed = changed::changes(&store, &events, arguments.limit).await;
    if arguments.json {
        output::print_json(&History {
            source: store.to_string(),
            previous: timeline::previous(&events, current.as_ref()),
            current,
            revisions: listed(&revisions, &events, &changed),
        })?;
    } else {
        output::print(&text(&events, &changed, current))?;
    }
    Ok(Exit::Success)
}

fn listed<'a>(
    revisions: &'a [RevisionEntry],
    events: &[Event<'_>],
    changed: &[Option<String>],
) -> Vec<Listed<'a>> {
    let entries = revisions.iter().map(|it| (&it.revision, it));
    let entries: BTreeMap<&RevisionPrefix, &RevisionEntry> = entries.collect();
    let mut listed: Vec<Listed<'_>> = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let is_listed = |it: &Listed<'_>| it.entry.revision == *event.revision;
        if let Some(entry) = entries.get(event.revision)
            && !listed.iter().any(is_listed)
        {
            let changed = changed.get(number).cloned().flatten();
            listed.push(Listed { entry, changed });
        }
    }
    listed
}

/// Columns before the line below a revision.
const INDENT: usize = 16;

fn text(
    events: &[Event<'_>],
    changed: &[Option<String>],
    current: Option<RevisionPrefix>,
) -> String {
    if events.is_empty() {
        return "no revision is stored yet\n".to_owned();
    }
    let mut text = String::new();
    let digits = digits(events);
    let mut current = current;
    for (event, changed) in events.iter().zip(changed) {
        // The last time that it was put into use is the one that counts.
        let is_current = current.take_if(|it| it == event.revision).is_some();
        let (mark, style) = if is_current {
            ("*", Style::new().bold())
        } else {
            (" ", Style::new())
        };
        let revision = event.revision.first(digits);
        let at = event.at.map(|at| format!("{at:.0}")).unwrap_or_default();
        let by = match event.push {
            Some(push) if push.reason.is_empty() => push.by.to_string(),
            Some(push) => format!("{}: {}", push.by, push.reason),
            None => "edited in the tables".to_owned(),
        };
        let line = format!("{style}{mark} {revision:digits$}{style:#}  {at:20}  ");
        let indent = " ".repeat(2 + digits + 2 + 20 + 2);
        let by = wrapped(&one_line(&by), output::line_width(), indent.len(), &indent);
        let _infallible = writeln!(text, "{line}{by}");
        if let Some(changed) = changed {
            let indent = " ".repeat(INDENT);
            let changed = wrapped(&one_line(changed), output::line_width(), INDENT, &indent);
            let _infallible = writeln!(text, "{indent}{changed}");
        }
    }
    if let more @ 1.. = events.len() - changed.len() {
        let _infallible = writeln!(text, "  ({more} older, see --limit)");
    }
    text
}

/// Digits of a whole revision.
const DIGITS: usize = 64;

/// As many digits as it takes to distinguish the revisions.
fn digits(events: &[Event<'_>]) -> usize {
    let different = |digits: &usize| {
        let revisions = events.iter().map(|event| event.revision);
        let different: BTreeSet<&RevisionPrefix> = revisions.collect();
        let cut: BTreeSet<RevisionPrefix> = different.iter().map(|it| it.first(*digits)).collect();
        cut.len() == different.len()
    };
    let mut digits = RevisionPrefix::SHORT..=DIGITS;
    digits.find(different).unwrap_or(DIGITS)
}
