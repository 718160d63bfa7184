//! XML as `JUnit` writes it, which pipelines read: one suite for each file.
//!
//! Source: <https://github.com/testmoapp/junitxml>, which says what readers agree on.

use std::fmt::Write as _;

use dps_fleet::scenario::{Entry, Outcome, Suite};

use crate::output::one_line;
use crate::scenarios::report::{Counts, Report, failure};

/// The document; errors of the tables are a suite of their own.
pub(crate) fn junit(report: &Report) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let Counts { failed, broken, .. } = report.counts;
    let errors = broken + report.findings.len();
    let tests = report.counts.all() + report.findings.len();
    let _infallible = writeln!(
        text,
        "<testsuites name=\"dps-policy test\" tests=\"{tests}\" failures=\"{failed}\" errors=\"{errors}\">"
    );
    if !report.findings.is_empty() {
        let counts = Counts {
            broken: report.findings.len(),
            ..Counts::default()
        };
        open_suite(&mut text, &report.source, counts);
        for finding in &report.findings {
            let (file, line) = report.place_of(finding);
            open_case(&mut text, "check", &file, line);
            fault(&mut text, "error", &finding.to_string());
        }
        text.push_str("  </testsuite>\n");
    }
    for suite in &report.suites {
        add(&mut text, suite);
    }
    text.push_str("</testsuites>\n");
    text
}

fn add(text: &mut String, suite: &Suite) {
    open_suite(text, &suite.file, Counts::of(&suite.entries));
    for entry in &suite.entries {
        open_case(text, &entry.name, &suite.file, entry.line);
        result(text, entry);
    }
    text.push_str("  </testsuite>\n");
}

fn open_suite(text: &mut String, name: &str, counts: Counts) {
    let _infallible = writeln!(
        text,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        escaped(name),
        counts.all(),
        counts.failed,
        counts.broken
    );
}

/// Without the end of its tag.
fn open_case(text: &mut String, name: &str, file: &str, line: u32) {
    let (name, file) = (escaped(name), escaped(file));
    let _infallible = write!(
        text,
        "    <testcase name=\"{name}\" classname=\"{file}\" file=\"{file}\" line=\"{line}\""
    );
}

fn result(text: &mut String, entry: &Entry) {
    let because = failure(entry).unwrap_or_default();
    match entry.outcome {
        Outcome::Passed => text.push_str("/>\n"),
        Outcome::Failed(_) => fault(text, "failure", &because),
        Outcome::Broken(_) => fault(text, "error", &because),
    }
}

fn fault(text: &mut String, element: &str, message: &str) {
    let message = escaped(message);
    let _infallible = writeln!(
        text,
        ">\n      <{element} message=\"{message}\"/>\n    </testcase>"
    );
}

/// Text of an attribute: hidden characters, which XML may not hold, are written out.
fn escaped(text: &str) -> String {
    let text = one_line(text).replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
