//! Test Anything Protocol, version 14:
//! <https://testanything.org/tap-version-14-specification.html>.

use std::fmt::Write as _;

use serde_json::json;

use crate::output::one_line;
use crate::scenarios::report::{Report, failure};

/// A test point for each entry; errors of the tables end the tests.
pub(crate) fn tap(report: &Report) -> String {
    let mut text = String::from("TAP version 14\n");
    if let Some(finding) = report.findings.first() {
        let _infallible = writeln!(text, "Bail out! {}", one_line(&finding.to_string()));
        return text;
    }
    let _infallible = writeln!(text, "1..{}", report.counts.all());
    for (number, (suite, entry)) in report.entries().enumerate() {
        let number = number + 1;
        let name = escaped(&format!("{}: {}", suite.file, entry.name));
        let failure = failure(entry);
        let not = if failure.is_some() { "not " } else { "" };
        let _infallible = writeln!(text, "{not}ok {number} - {name}");
        if let Some(because) = failure {
            // A JSON string is a YAML scalar too.
            let (message, file) = (json!(one_line(&because)), json!(one_line(&suite.file)));
            let _infallible = writeln!(
                text,
                "  ---\n  message: {message}\n  at:\n    file: {file}\n    line: {}\n  ...",
                entry.line
            );
        }
    }
    text
}

/// A description, in which `#` would begin a directive.
fn escaped(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('#', "\\#")
}
