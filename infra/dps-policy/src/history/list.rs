//! Every revision in a few lines: when, who and why, what it changed, what was predicted of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anstyle::Style;
use dps_allocation::RevisionPrefix;
use dps_fleet::prediction::Predicted;
use dps_policy_store::RevisionEntry;
use dps_settings::wrapped;
use jiff::Timestamp;
use serde::Serialize;

use super::predicted::{self, Kept};
use super::timeline::{self, Event};
use crate::output::{self, one_line};
use crate::plan_file;

/// What is listed of one event.
pub(super) struct Details {
    /// `None` if the revision cannot be read.
    pub(super) changed: Option<String>,
    pub(super) predicted: Kept,
}

/// What `history --json` answers.
#[derive(Serialize)]
pub(super) struct History<'a> {
    source: String,
    /// What the tables hold now; `None` if they have errors.
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
    /// What it changed when it was last put into use; `None` if that cannot be read.
    changed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    predicted: Option<Short>,
}

/// What was predicted of the last push with a plan, in short.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Short {
    previewed_at: Timestamp,
    fleet: String,
    summary: Predicted,
}

impl<'a> History<'a> {
    pub(super) fn new(
        source: String,
        current: Option<RevisionPrefix>,
        revisions: &'a [RevisionEntry],
        events: &[Event<'a>],
        details: &[Details],
    ) -> Self {
        Self {
            source,
            previous: timeline::previous(events, current.as_ref()),
            current,
            revisions: listed(revisions, events, details),
        }
    }
}

fn listed<'a>(
    revisions: &'a [RevisionEntry],
    events: &[Event<'_>],
    details: &[Details],
) -> Vec<Listed<'a>> {
    let entries = revisions.iter().map(|it| (&it.revision, it));
    let entries: BTreeMap<&RevisionPrefix, &RevisionEntry> = entries.collect();
    let mut listed: Vec<Listed<'_>> = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let is_listed = |it: &Listed<'_>| it.entry.revision == *event.revision;
        if let Some(entry) = entries.get(event.revision)
            && !listed.iter().any(is_listed)
        {
            let changed = details.get(number).and_then(|it| it.changed.clone());
            let of_it = events.iter().zip(details);
            let mut of_it = of_it.filter(|(other, _)| other.revision == event.revision);
            let predicted = of_it.find_map(|(_, details)| short(&details.predicted));
            listed.push(Listed {
                entry,
                changed,
                predicted,
            });
        }
    }
    listed
}

fn short(kept: &Kept) -> Option<Short> {
    let plan = kept.as_ref()?.as_ref().ok()?;
    Some(Short {
        previewed_at: plan.written_at,
        fleet: plan_file::name(&plan.fleet),
        summary: plan.prediction.summary,
    })
}

/// Columns before the line below a revision.
const INDENT: usize = 16;

pub(super) fn text(
    events: &[Event<'_>],
    details: &[Details],
    mut current: Option<RevisionPrefix>,
) -> String {
    if events.is_empty() {
        return "no revision is stored yet\n".to_owned();
    }
    let mut text = String::new();
    let digits = digits(events);
    for (event, details) in events.iter().zip(details) {
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
        let changed = details.changed.as_deref().map(one_line);
        let predicted = details.predicted.as_ref().map(predicted::line);
        for below in changed.into_iter().chain(predicted) {
            let indent = " ".repeat(INDENT);
            let below = wrapped(&below, output::line_width(), INDENT, &indent);
            let _infallible = writeln!(text, "{indent}{below}");
        }
    }
    if let more @ 1.. = events.len() - details.len() {
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
