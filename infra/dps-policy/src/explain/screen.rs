//! An explanation for people, on one screen.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use dps_allocation::tables::TableName;
use dps_allocation::{Explanation, HubVerdict, RowRef, TwinEffect, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::json;
use crate::grid::{Cell, Grid};
use crate::source::Source;

/// Left out in tables, where they say nothing; the answer has the whole name.
const PUBLIC_CLOUD: [&str; 2] = [".device.azure-devices.net", ".azure-devices.net"];

const BOLD: Style = Style::new().bold();
const GREEN: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const RED: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));

/// What DPS is answered, as far as it is shown.
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
    summary(explanation, source, at, log).render(width, &mut text);
    text.push('\n');
    steps(explanation).render(width, &mut text);
    text.push('\n');
    hubs(&explanation.hubs).render(width, &mut text);
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
) -> Grid<2> {
    let mut grid = Grid::new();
    let mut line = |name: &str, value: String| grid.push([Cell::new(name), Cell::new(value)]);
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
    grid
}

fn twin_effect(effect: TwinEffect) -> &'static str {
    match effect {
        TwinEffect::AppliedFirst => "DPS applies it: the first assignment",
        TwinEffect::AppliedReset => "DPS applies it: the hub changes, the enrollment resets data",
        TwinEffect::IgnoredSameHub => "DPS ignores it: the device stays on its hub",
        TwinEffect::IgnoredMigrated => "DPS ignores it: the hub changes, the twin moves along",
    }
}

fn steps(explanation: &Explanation) -> Grid<4> {
    let mut grid = Grid::with_headings(["STEP", "ASKED", "FOUND", "ROW"]);
    for step in &explanation.steps {
        grid.push([
            Cell::new(step.step),
            Cell::new(short(&step.asked)),
            Cell::new(short(&step.found)),
            Cell::new(step.row.as_ref().map(row_text).unwrap_or_default()),
        ]);
    }
    grid
}

/// The chosen hub, then the others, those that came furthest first; the same verdict once.
fn hubs(verdicts: &[HubVerdict]) -> Grid<3> {
    let mut sorted: Vec<&HubVerdict> = verdicts.iter().collect();
    sorted.sort_by_key(|it| {
        let chosen = it.verdict == Verdict::Chosen;
        (!chosen, std::cmp::Reverse(it.verdict), &it.because)
    });
    let mut grid = Grid::with_headings(["VERDICT", "BECAUSE", "HUBS"]);
    for group in sorted.chunk_by(|a, b| (a.verdict, &a.because) == (b.verdict, &b.because)) {
        let Some(first) = group.first() else { continue };
        let style = match first.verdict {
            Verdict::Chosen => GREEN,
            _ => Style::new(),
        };
        let hubs: Vec<String> = group.iter().map(|it| short(&it.hub)).collect();
        grid.push([
            Cell::styled(word(&first.verdict), style),
            Cell::new(short(&first.because)),
            Cell::styled(hubs.join(", "), style),
        ]);
    }
    grid
}

fn document(title: &str, document: Option<&RawValue>, width: usize, text: &mut String) {
    if let Some(document) = document {
        let style = Style::new().dimmed();
        let title = title.to_uppercase();
        let _infallible = writeln!(text, "\n{style}{title}{style:#}");
        json::lay_out(document, width, text);
    }
}

/// `rules contoso/100-toasters`; the partition is left out where all rows of the table share it.
fn row_text(row: &RowRef) -> String {
    let table = row.table.as_str();
    match row.table {
        TableName::Hubs | TableName::Enrollments | TableName::Tenants => {
            format!("{table} {}", row.row_key)
        }
        _ => format!("{table} {}/{}", row.partition_key, row.row_key),
    }
}

fn short(text: &str) -> String {
    let [device, classic] = PUBLIC_CLOUD;
    text.replace(device, "").replace(classic, "")
}

/// The word that JSON has for a value.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
