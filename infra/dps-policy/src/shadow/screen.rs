//! What the candidate decides, for people: the numbers first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;
use dps_fleet::shadow::{Candidate, Observed};
use reqwest::Url;

use super::held::Held;
use crate::output::{counted, one_line};
use crate::screen::{self, NO_DECISION, UNREADABLE, add, short_revision, such_as};
use crate::webhook::Reported;

pub(super) fn reported(reported: Option<&Reported>, url: &Url) -> String {
    let Some(it) = reported else {
        return format!("{url} decides no candidate: its setting POLICY_SHADOW is not set\n");
    };
    let source = one_line(&it.source);
    if let (None, None, None) = (&it.revision, &it.unreadable, &it.last_refused) {
        return format!(
            "no candidate: {source} is empty or missing; `dps-policy shadow start DRAFT` fills it\n"
        );
    }
    let mut text = String::new();
    if let Some(unreadable) = &it.unreadable {
        let since = unreadable.since;
        let error = one_line(&unreadable.error);
        let _infallible = writeln!(text, "{source} cannot be read since {since:.0}: {error}");
    }
    if it.last_refused.is_some() {
        let _infallible = writeln!(
            text,
            "{source} holds errors, so that its last edit is refused; `dps-policy check` names them"
        );
    }
    if let (Some(revision), Some(since)) = (&it.revision, it.since) {
        let _infallible = writeln!(
            text,
            "candidate {} of {source}, since {since:.0}",
            short_revision(revision)
        );
        text += &counts(&it.decisions);
    }
    text
}

pub(super) fn observed(observed: &Observed, width: usize) -> String {
    let mut text = String::new();
    let it = observed;
    for candidate in &it.candidates {
        let (first, last) = (candidate.first, candidate.last);
        let _infallible = writeln!(
            text,
            "candidate {}, from {first:.0} to {last:.0}",
            short_revision(&candidate.revision)
        );
        text += &counts(&candidate.decisions);
        add_differences(candidate, &mut text, width);
        text.push('\n');
    }
    if it.candidates.is_empty() {
        let decisions = counted(it.decisions, "decision");
        let _infallible = writeln!(text, "no candidate has decided any of {decisions}");
    } else if it.without_candidate > 0 {
        let decisions = counted(it.without_candidate, "decision");
        let _infallible = writeln!(text, "{decisions} without a candidate");
    }
    let lines = [(it.other_lines, NO_DECISION), (it.fault_count, UNREADABLE)];
    for line in screen::counts(lines) {
        let _infallible = writeln!(text, "{line}");
    }
    for fault in &it.faults {
        let _infallible = writeln!(text, "  {}", screen::fault(fault));
    }
    text
}

pub(super) fn held(held: &Held) -> String {
    let source = one_line(&held.source);
    match held.revision {
        Some(revision) => format!(
            "{source} holds revision {}; add the URL of the webhook or --log for its decisions\n",
            revision.short()
        ),
        None if held.withdrawn => format!("no candidate: {source} is empty or missing\n"),
        None => format!("no candidate: {source} holds errors; `dps-policy check` names them\n"),
    }
}

/// `1 of 3 decisions is the same: 1 hub, 1 undecidable`
fn counts(decisions: &BTreeMap<String, u64>) -> String {
    let all: u64 = decisions.values().sum();
    let same = decisions.get("same").copied().unwrap_or(0);
    let others = decisions.iter().filter(|(word, _)| *word != "same");
    let others = others.map(|(word, count)| format!("{count} {}", one_line(word)));
    let others = others.collect::<Vec<_>>().join(", ");
    let bold = Style::new().bold();
    let more = if others.is_empty() { "" } else { ": " };
    let same = screen::same(same, all);
    format!("{bold}{same}{bold:#}{more}{others}\n")
}

fn add_differences(candidate: &Candidate, text: &mut String, width: usize) {
    let rows = candidate.differences.iter().map(|it| {
        [
            it.difference.clone(),
            screen::short(&it.live),
            screen::short(it.candidate.as_deref().unwrap_or("needs the device's row")),
            it.ids.devices.to_string(),
            such_as(&it.ids),
        ]
    });
    let headings = ["DIFFERENCE", "LIVE", "CANDIDATE", "DECISIONS", "SUCH AS"];
    add(text, headings, rows, width);
}
