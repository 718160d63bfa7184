//! An explanation for people, on one screen.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use dps_allocation::tables::TableName;
use dps_allocation::{Explanation, HubVerdict, RowRef, TwinEffect, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::grid::grid;
use crate::output::{counted, one_line};
use crate::screen::short;
use crate::source::Source;

const STEPS: [&str; 4] = ["STEP", "ASKED", "FOUND", "ROW"];
const HUBS: [&str; 3] = ["VERDICT", "BECAUSE", "HUBS"];

/// Most lines that are shown of a document; a twin may have hundreds.
const MAX_LINES: usize = 20;

const BOLD: Style = Style::new().bold();
const GREEN: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const RED: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));

/// The parts of the answer to DPS that are shown.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    #[serde(borrow)]
    iot_hub_host_name: Cow<'a, str>,
    #[serde(borrow)]
    initial_twin: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// The answer, the steps, the hubs, the twin.
pub(super) fn text(
    explanation: &Explanation,
    source: &Source,
    at: Timestamp,
    log: Option<String>,
    width: usize,
) -> String {
    let response = response(explanation);
    let mut text = String::new();
    answer(explanation, response.as_ref(), &mut text);
    text.push_str(&grid(None, &summary(explanation, source, at, log), width));
    text.push('\n');
    text.push_str(&grid(Some(STEPS), &steps(explanation), width));
    text.push('\n');
    text.push_str(&hubs(&explanation.hubs, width));
    if let Some(response) = response {
        document("initial twin", response.initial_twin, width, &mut text);
        document("payload", response.payload, width, &mut text);
    }
    text
}

fn response(explanation: &Explanation) -> Option<Response<'_>> {
    let response = explanation.response.as_ref()?;
    serde_json::from_str(response.get()).ok()
}

/// The hub of the answer.
pub(super) fn hub(explanation: &Explanation) -> Option<String> {
    response(explanation).map(|response| response.iot_hub_host_name.into_owned())
}

fn answer(explanation: &Explanation, response: Option<&Response<'_>>, text: &mut String) {
    let (answer, color) = match response {
        Some(response) => (&*response.iot_hub_host_name, GREEN),
        None => (explanation.outcome, RED),
    };
    let style = color.bold();
    let id = &explanation.registration_id;
    let _infallible = writeln!(text, "{BOLD}{id}{BOLD:#}: {style}{answer}{style:#}");
}

/// What led to the answer, in short.
fn summary(
    explanation: &Explanation,
    source: &Source,
    at: Timestamp,
    log: Option<String>,
) -> Vec<[String; 2]> {
    let mut lines = Vec::new();
    let mut line = |name: &str, value: String| lines.push([name.to_owned(), value]);
    let row = explanation.decided_by.as_ref().map(row_text);
    let decided_by = row.map(|row| format!(", by {row}")).unwrap_or_default();
    line("reason", format!("{}{decided_by}", explanation.reason));
    if let Some(detail) = &explanation.detail {
        line("", detail.clone());
    }
    if let Some(tenant) = &explanation.tenant {
        line("tenant", tenant.clone());
    }
    if let Some(rollout) = &explanation.rollout {
        line("rollout", rollout.clone());
    }
    if let Some(effect) = explanation.twin_effect {
        line("twin", twin_effect(effect).to_owned());
    }
    let revision = explanation.revision.short();
    let source = source.short();
    line("policy", format!("{revision} of {source}, at {at:.0}"));
    if let Some(log) = log {
        line("log", log);
    }
    lines
}

fn twin_effect(effect: TwinEffect) -> &'static str {
    match effect {
        TwinEffect::AppliedFirst => "DPS applies it: the first assignment",
        TwinEffect::AppliedReset => "DPS applies it: the hub changes, the enrollment resets data",
        TwinEffect::IgnoredSameHub => "DPS ignores it: the device stays on its hub",
        TwinEffect::IgnoredMigrated => "DPS ignores it: the hub changes, the twin moves along",
    }
}

fn steps(explanation: &Explanation) -> Vec<[String; 4]> {
    let steps = explanation.steps.iter();
    let row = |row: &Option<RowRef>| row.as_ref().map(row_text).unwrap_or_default();
    let cells = steps.map(|step| {
        let name = step.step.to_owned();
        [name, short(&step.asked), short(&step.found), row(&step.row)]
    });
    cells.collect()
}

/// The chosen hub, then the others, those that came furthest first. Hubs with the same verdict
/// share a row.
fn hubs(verdicts: &[HubVerdict], width: usize) -> String {
    let mut sorted: Vec<&HubVerdict> = verdicts.iter().collect();
    sorted.sort_by_key(|it| {
        let chosen = it.verdict == Verdict::Chosen;
        (!chosen, std::cmp::Reverse(it.verdict), &it.because)
    });
    let groups = sorted.chunk_by(|a, b| (a.verdict, &a.because) == (b.verdict, &b.because));
    let rows = groups.filter_map(|group| {
        let first = group.first()?;
        let hubs: Vec<String> = group.iter().map(|it| short(&it.hub)).collect();
        Some([word(&first.verdict), short(&first.because), hubs.join(", ")])
    });
    let text = grid(Some(HUBS), &rows.collect::<Vec<_>>(), width);
    let chosen = word(&Verdict::Chosen);
    text.replacen(
        &format!("\n{chosen}"),
        &format!("\n{GREEN}{chosen}{GREEN:#}"),
        1,
    )
}

/// Adds a document; a long one is cut.
fn document(title: &str, document: Option<&RawValue>, width: usize, text: &mut String) {
    if let Some(document) = document {
        let style = Style::new().dimmed();
        let title = title.to_uppercase();
        let _infallible = writeln!(text, "\n{style}{title}{style:#}");
        let lines = layout(document, width);
        for line in lines.iter().take(MAX_LINES) {
            text.push_str(&one_line(line));
            text.push('\n');
        }
        if let more @ 1.. = lines.len().saturating_sub(MAX_LINES) {
            let _infallible = writeln!(text, "({}, see --json)", counted(more, "more line"));
        }
    }
}

/// A document on one line if that fits, else with one line per member that fits.
fn layout(document: &RawValue, width: usize) -> Vec<String> {
    let fits = |line: &str| line.chars().count() < width;
    let raw = document.get();
    if raw.chars().count() <= width {
        return vec![raw.to_owned()];
    }
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(raw) else {
        return pretty(document);
    };
    let members = members.into_iter().map(|(name, value)| {
        let name = Value::String(name);
        let line = format!("  {name}: {value}");
        if fits(&line) {
            return line;
        }
        format!("  {name}: {}", pretty(value).join("\n  "))
    });
    let members = members.collect::<Vec<_>>().join(",\n");
    let lines = format!("{{\n{members}\n}}");
    lines.lines().map(str::to_owned).collect()
}

fn pretty(value: &RawValue) -> Vec<String> {
    let parsed: Result<Value, _> = serde_json::from_str(value.get());
    let pretty = parsed.map_or_else(|_| value.to_string(), |value| format!("{value:#}"));
    pretty.lines().map(str::to_owned).collect()
}

/// `rules contoso/100-toasters`; without the partition if all rows of the table share it.
fn row_text(row: &RowRef) -> String {
    let table = row.table.as_str();
    match row.table {
        TableName::Hubs | TableName::Enrollments | TableName::Tenants => {
            format!("{table} {}", row.row_key)
        }
        _ => format!("{table} {}/{}", row.partition_key, row.row_key),
    }
}

/// The word that JSON has for a value.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, width: usize, expected: &str) {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        assert_eq!(layout(raw, width).join("\n"), expected);
    }

    #[test]
    fn a_document_takes_as_few_lines_as_fit() {
        check(r#"{"a":1}"#, 7, r#"{"a":1}"#);
        let two = r#"{"b":[10,2.50],"a\"":"d"}"#;
        check(two, 18, "{\n  \"a\\\"\": \"d\",\n  \"b\": [10,2.50]\n}");
        let four = "{\n  \"a\\\"\": \"d\",\n  \"b\": [\n    10,\n    2.5\n  ]\n}";
        check(two, 16, four);
        check("[1,22]", 5, "[\n  1,\n  22\n]");
        check(r#""a long text""#, 5, r#""a long text""#);
    }

    #[test]
    fn a_long_document_is_cut() {
        let json = format!("[{}]", vec!["1"; 30].join(","));
        let mut text = String::new();
        document("twin", serde_json::from_str(&json).ok(), 10, &mut text);
        assert_eq!(text.lines().count(), 2 + MAX_LINES + 1);
        assert!(
            text.ends_with("  1,\n(12 more lines, see --json)\n"),
            "{text}"
        );
    }
}
