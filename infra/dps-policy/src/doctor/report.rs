//! The answer of `doctor`, for people and for scripts.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use dps_settings::wrapped;
use serde::Serialize;

use super::arguments::Arguments;
use super::finding::{Check, Checks, Verdict};
use crate::output::{self, counted, one_line};

/// What `doctor --json` answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    url: String,
    good: usize,
    bad: usize,
    not_checked: usize,
    checks: Vec<Check>,
}

impl Report {
    pub(super) fn new(arguments: &Arguments, checks: Checks) -> Self {
        let checks = checks.into_vec();
        let count = |verdict| checks.iter().filter(|it| it.verdict == verdict).count();
        Self {
            url: arguments.url.to_string(),
            good: count(Verdict::Good),
            bad: count(Verdict::Bad),
            not_checked: count(Verdict::NotChecked),
            checks,
        }
    }

    pub(super) fn is_good(&self) -> bool {
        self.bad == 0
    }

    /// A line for each check, what to do below it, and a summary.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for check in &self.checks {
            let (word, color) = match check.verdict {
                Verdict::Good => ("good", AnsiColor::Green),
                Verdict::Bad => ("bad", AnsiColor::Red),
                Verdict::NotChecked => ("note", AnsiColor::Yellow),
            };
            let style = Style::new().fg_color(Some(color.into()));
            let line = format!("{}: {}", check.name, one_line(&check.detail));
            let line = wrapped(&line, output::line_width(), INDENT, "      ");
            let _infallible = writeln!(text, "{style}{word:<4}{style:#}  {line}");
            if let Some(help) = &check.help {
                let help = wrapped(help, output::line_width(), INDENT, "      ");
                let _infallible = writeln!(text, "      {help}");
            }
        }
        let mut summary = vec![format!("{} good", self.good)];
        if self.bad > 0 {
            summary.push(format!("{} bad", self.bad));
        }
        if self.not_checked > 0 {
            summary.push(counted(self.not_checked, "note"));
        }
        text + &summary.join(", ") + "\n"
    }
}

/// Columns before the name of a check.
const INDENT: usize = 6;
