//! Looks at the stored tables again and again, and takes what has been edited.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use dps_allocation::{Finding, Policy, Reading, Severity};
use dps_policy_store::{CsvFolder, Next, ReadError, Refresh, StoredTables};
use jiff::Timestamp;
use tracing::{debug, error, info, warn};

use crate::policy::{PolicyInUse, Snapshot};

/// Keeps the policy in use up to date, off the request path.
#[derive(Debug)]
pub struct PolicyRefresh {
    folder: CsvFolder,
    in_use: Arc<PolicyInUse>,
    refresh: Refresh,
    /// Policies that a request may still be using; dropped here, never by a request.
    retired: Vec<Arc<Snapshot>>,
}

/// Most findings that are kept and shown: more than anybody repairs in one go.
///
/// A wrong header can make one of each of 100,000 rows.
const MAX_FINDINGS: usize = 200;

/// Most findings that are logged for one edit; all kept ones are in `GET /api/policy`.
const MAX_LOGGED: usize = 20;

impl PolicyRefresh {
    /// Nothing is read before the first look.
    #[must_use]
    pub fn new(folder: CsvFolder, in_use: Arc<PolicyInUse>) -> Self {
        Self {
            folder,
            in_use,
            refresh: Refresh::default(),
            retired: Vec::new(),
        }
    }

    /// Looks now and every so often from now on, on a thread of its own until the process ends.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(mut self, every: Duration) -> io::Result<()> {
        let looks = move || loop {
            self.look();
            thread::sleep(every);
        };
        thread::Builder::new()
            .name("policy-refresh".to_owned())
            .spawn(looks)?;
        Ok(())
    }

    /// One look: takes an edit when it is finished and right, and notes how things stand.
    pub fn look(&mut self) {
        self.drop_retired();
        match self.folder.fingerprint() {
            Ok(seen) => match self.refresh.observe(Some(seen)) {
                Next::Take => self.take(),
                Next::ReadAgainLater => debug!("the config tables have changed, looking again"),
                Next::Nothing => self.note_unchanged(),
            },
            Err(error) => {
                self.refresh.observe(None);
                self.note_unreadable(&error);
            }
        }
        self.in_use.end_first_look();
    }

    fn take(&mut self) {
        let stored = match self.folder.read() {
            Ok(stored) => stored,
            Err(error) => return self.note_unreadable(&error),
        };
        if self.refresh.observe(Some(stored.fingerprint)) != Next::Take {
            // Edited between the two reads.
            return;
        }
        self.refresh.settle(stored.fingerprint);
        let Reading { policy, findings } = read_policy(stored);
        match policy {
            Some(policy) => self.put_in_use(policy, &findings),
            None => self.refuse(&findings),
        }
    }

    fn put_in_use(&mut self, policy: Policy, warnings: &[Finding]) {
        let revision = policy.revision();
        let before = self.in_use.take(policy, kept(warnings), Timestamp::now());
        self.retired.extend(before);
        self.drop_retired();
        info!(dps.policy_revision = %revision, warnings = warnings.len(), "policy taken");
        log_findings(warnings);
    }

    fn refuse(&self, findings: &[Finding]) {
        self.in_use.refuse(kept(findings), Timestamp::now());
        let errors = findings
            .iter()
            .filter(|it| it.severity == Severity::Error)
            .count();
        error!(
            errors,
            "the config tables are refused; a policy in use stays in use"
        );
        log_findings(findings);
    }

    /// Drops the policies that no request uses any more; nobody can get hold of them again.
    fn drop_retired(&mut self) {
        self.retired
            .retain(|snapshot| Arc::strong_count(snapshot) > 1);
    }

    fn note_unchanged(&self) {
        if self.in_use.unchanged(Timestamp::now()) {
            info!("the config tables can be read again");
        }
    }

    fn note_unreadable(&self, error: &ReadError) {
        let error = error.to_string();
        if self.in_use.unreadable(error.clone(), Timestamp::now()) {
            error!(error, "the config tables cannot be read");
        }
    }
}

/// Findings of the files come first: those of the tables may follow from them.
fn read_policy(stored: StoredTables) -> Reading {
    let StoredTables {
        tables,
        mut findings,
        fingerprint: _,
    } = stored;
    // An expression can meet a fault of its parser; that must not end the thread.
    let read = catch_unwind(AssertUnwindSafe(|| Policy::read(&tables)));
    let read = read.unwrap_or_else(|_panic| Reading {
        policy: None,
        findings: vec![fault()],
    });
    findings.extend(read.findings);
    let refused = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    Reading {
        policy: read.policy.filter(|_| !refused),
        findings,
    }
}

fn fault() -> Finding {
    Finding {
        severity: Severity::Error,
        table: None,
        row: String::new(),
        line: 0,
        column: String::new(),
        rule: "a fault of the program kept the tables from being read".to_owned(),
        help: "undo the last edit, and report it with the lines on stderr".to_owned(),
    }
}

fn kept(findings: &[Finding]) -> Vec<Finding> {
    findings.iter().take(MAX_FINDINGS).cloned().collect()
}

fn log_findings(findings: &[Finding]) {
    for finding in findings.iter().take(MAX_LOGGED) {
        let text = finding.to_string();
        match finding.severity {
            Severity::Error => error!(finding = ?text, "config tables"),
            Severity::Warning => warn!(finding = ?text, "config tables"),
        }
    }
    if let Some(more) = findings
        .len()
        .checked_sub(MAX_LOGGED)
        .filter(|more| *more > 0)
    {
        warn!(more, "further findings are in GET /api/policy");
    }
}
