//! A line for each failure, and a summary.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use dps_fleet::scenario::Outcome;
use dps_settings::wrapped;

use crate::output::{counted, line_width, one_line};
use crate::scenarios::report::{Report, failure};

/// A line for each entry that has not passed, and a summary.
pub(crate) fn human(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        line(&mut text, AnsiColor::Red, &finding.to_string());
    }
    for (suite, entry) in report.entries() {
        let (colour, word) = match entry.outcome {
            Outcome::Passed => continue,
            Outcome::Failed(_) => (AnsiColor::Red, "failed"),
            Outcome::Broken(_) => (AnsiColor::Yellow, "cannot be read"),
        };
        let because = failure(entry).unwrap_or_default();
        let place = format!("{}:{}", suite.file, entry.line);
        let content = format!("{word}: {place}: {}: {because}", entry.name);
        line(&mut text, colour, &content);
    }
    let summary = match report.findings.len() {
        0 => report.summary(),
        errors => format!("refused: {}", counted(errors, "error")),
    };
    text.push_str(&one_line(&summary));
    text.push('\n');
    text
}

/// `word: rest`, the word in colour.
fn line(text: &mut String, colour: AnsiColor, content: &str) {
    let style = Style::new().fg_color(Some(colour.into()));
    let line = wrapped(&one_line(content), line_width(), 0, "  ");
    let (word, rest) = line.split_once(':').unwrap_or(("", &line));
    let _infallible = writeln!(text, "{style}{word}{style:#}:{rest}");
}
