//! What is found in the tables, on its way to a policy, the log and `GET /api/policy`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dps_allocation::{Finding, Policy, Reading, Severity};
use dps_policy_store::StoredTables;
use tracing::{error, warn};

/// How many findings are shown at most: more than an operator repairs at once.
///
/// A wrong header can make one of each of 100,000 rows.
const MAX_FINDINGS: usize = 200;

/// How many findings are logged for one edit at most; more are in `GET /api/policy`.
const MAX_LOGGED: usize = 20;

/// Findings of the files come first: those of the tables may follow from them.
pub(super) fn read_policy(stored: &StoredTables) -> Reading {
    let mut findings = stored.findings.clone();
    // An expression can meet a fault of its parser; that must not end the thread.
    let read = catch_unwind(AssertUnwindSafe(|| Policy::read(&stored.tables)));
    let read = read.unwrap_or_else(|_panic| Reading {
        policy: None,
        findings: vec![fault()],
    });
    findings.extend(read.findings);
    let refused = findings.iter().any(|it| it.severity == Severity::Error);
    Reading {
        policy: read.policy.filter(|_| !refused),
        findings,
    }
}

fn fault() -> Finding {
    Finding::outside_tables(
        "a fault of the program kept the tables from being read",
        "undo the last edit, and report it with the lines on stderr",
    )
}

/// The findings for `GET /api/policy`.
pub(super) fn shown(findings: &[Finding]) -> Vec<Finding> {
    findings.iter().take(MAX_FINDINGS).cloned().collect()
}

pub(super) fn log_findings(findings: &[Finding]) {
    for finding in findings.iter().take(MAX_LOGGED) {
        let text = finding.to_string();
        match finding.severity {
            Severity::Error => error!(finding = ?text, "config tables"),
            Severity::Warning => warn!(finding = ?text, "config tables"),
        }
    }
    if let more @ 1.. = findings.len().saturating_sub(MAX_LOGGED) {
        warn!(more, "further findings are in GET /api/policy");
    }
}
