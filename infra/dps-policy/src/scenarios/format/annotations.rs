//! Annotations: messages that GitHub and Azure Pipelines show at the line of a file.

use std::fmt::Write as _;

use crate::output::one_line;
use crate::scenarios::report::{Report, failure};

/// What went wrong, and where.
struct Issue {
    file: String,
    line: u32,
    message: String,
}

/// Commands of GitHub Actions, and a summary.
///
/// Source: <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>.
pub(crate) fn github(report: &Report) -> String {
    text(report, |issue| {
        let property = |text: &str| {
            let text = data(text, "%25");
            text.replace(':', "%3A").replace(',', "%2C")
        };
        format!(
            "::error file={},line={}::{}",
            property(&issue.file),
            issue.line,
            data(&issue.message, "%25")
        )
    })
}

/// Commands of Azure Pipelines, and a summary.
///
/// Source: <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>.
pub(crate) fn azure_devops(report: &Report) -> String {
    text(report, |issue| {
        let property = |text: &str| {
            let text = data(text, "%AZP25");
            text.replace(';', "%3B").replace(']', "%5D")
        };
        format!(
            "##vso[task.logissue type=error;sourcepath={};linenumber={}]{}",
            property(&issue.file),
            issue.line,
            data(&issue.message, "%AZP25")
        )
    })
}

/// A message on one line; `percent` stands for its percent signs.
fn data(text: &str, percent: &str) -> String {
    one_line(text).replace('%', percent)
}

fn text(report: &Report, command: impl Fn(&Issue) -> String) -> String {
    let findings = report.findings.iter().map(|finding| {
        let (file, line) = report.place_of(finding);
        Issue {
            file,
            line,
            message: finding.to_string(),
        }
    });
    let failures = report.entries().filter_map(|(suite, entry)| {
        Some(Issue {
            file: suite.file.clone(),
            line: entry.line,
            message: format!("{}: {}", entry.name, failure(entry)?),
        })
    });
    let mut text = String::new();
    for issue in findings.chain(failures) {
        let _infallible = writeln!(text, "{}", command(&issue));
    }
    if report.findings.is_empty() {
        let _infallible = writeln!(text, "{}", one_line(&report.summary()));
    }
    text
}
