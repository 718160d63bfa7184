//! `check`: everything that is wrong with a source.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use dps_allocation::tables::TableName;
use dps_allocation::{Finding, Policy, Revision, Severity};
use dps_settings::wrapped;
use serde::Serialize;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::output::{self, counted};
use crate::source::Source;

/// Check tables: every finding with its place, errors first
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
    source: Option<Source>,

    /// Print JSON: revision, source, rows of each table, findings
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
Examples:
  dps-policy check
  dps-policy check infra/policy
  dps-policy check --json infra/policy | jq -r .revision

Exit codes: 0 no errors (there may be warnings), 1 errors, 2 the tables cannot
be read.";

/// What `check --json` answers.
#[derive(Serialize)]
struct Report<'a> {
    /// `None` if the tables have errors.
    revision: Option<Revision>,
    source: String,
    tables: BTreeMap<&'static str, usize>,
    findings: &'a [Finding],
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let checked = Checked::read_as_in_use(arguments.source).await?;
    report(&checked, arguments.json)
}

/// Shows the findings, as every command does when the tables have errors.
pub(crate) fn report(checked: &Checked, json: bool) -> anyhow::Result<Exit> {
    output::answer(json, &document(checked), || text(checked))?;
    Ok(Exit::of(checked.policy.is_some()))
}

fn document(checked: &Checked) -> Report<'_> {
    Report {
        revision: checked.policy.as_ref().map(Policy::revision),
        source: checked.source.to_string(),
        tables: rows(checked).collect(),
        findings: &checked.findings,
    }
}

fn text(checked: &Checked) -> String {
    let mut text = String::new();
    for finding in &checked.findings {
        let style = match finding.severity {
            Severity::Error => Style::new().fg_color(Some(AnsiColor::Red.into())),
            Severity::Warning => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
        };
        let line = output::one_line(&finding.to_string());
        let line = wrapped(&line, output::line_width(), 0, "  ");
        let (severity, rest) = line.split_once(':').unwrap_or(("", &line));
        let _infallible = writeln!(text, "{style}{severity}{style:#}:{rest}");
    }
    text.push_str(&closing_line(checked));
    text.push('\n');
    text
}

fn closing_line(checked: &Checked) -> String {
    let (line, separator) = if let Some(policy) = &checked.policy {
        let rows = rows(checked).map(|(table, rows)| format!("{table} {rows}"));
        let rows = rows.collect::<Vec<_>>().join(", ");
        (
            format!("revision {}: {rows}", policy.revision().short()),
            ';',
        )
    } else {
        let errors = counted(checked.count(Severity::Error), "error");
        (format!("refused: {errors}"), ',')
    };
    match checked.count(Severity::Warning) {
        0 => line,
        warnings => format!("{line}{separator} {}", counted(warnings, "warning")),
    }
}

fn rows(checked: &Checked) -> impl Iterator<Item = (&'static str, usize)> {
    // Azure's devices are read one by one, never as a table.
    let counted =
        |table: &TableName| table.is_in_revision() || matches!(checked.source, Source::Folder(_));
    let tables = TableName::all().filter(counted);
    tables.map(|table| (table.as_str(), checked.tables.table(table).len()))
}
