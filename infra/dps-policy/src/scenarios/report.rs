//! The results of all scenario files.

use dps_allocation::{Finding, Policy, Revision, Severity};
use dps_fleet::scenario::{Entry, Outcome, Suite};
use serde::Serialize;

use crate::checked::Checked;
use crate::output::counted;

/// The results of all scenario files; none if the tables have errors.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// `None` if the tables have errors.
    pub(super) revision: Option<Revision>,
    pub(super) source: String,
    #[serde(flatten)]
    pub(super) counts: Counts,
    /// The errors of the tables.
    pub(super) findings: Vec<Finding>,
    #[serde(rename = "files")]
    pub(super) suites: Vec<Suite>,
}

/// How many entries there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) broken: usize,
}

impl Counts {
    pub(super) fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut counts = Self::default();
        for entry in entries {
            match entry.outcome {
                Outcome::Passed => counts.passed += 1,
                Outcome::Failed(_) => counts.failed += 1,
                Outcome::Broken(_) => counts.broken += 1,
            }
        }
        counts
    }

    pub(super) fn all(self) -> usize {
        self.passed + self.failed + self.broken
    }
}

impl Report {
    pub(super) fn new(checked: &Checked, suites: Vec<Suite>) -> Self {
        let errors = checked.findings.iter();
        let errors = errors.filter(|it| it.severity == Severity::Error);
        Self {
            revision: checked.policy.as_ref().map(Policy::revision),
            source: checked.source.to_string(),
            counts: Counts::of(suites.iter().flat_map(|suite| &suite.entries)),
            findings: errors.cloned().collect(),
            suites,
        }
    }

    /// Every entry with its file.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Suite, &Entry)> {
        let suites = self.suites.iter();
        suites.flat_map(|suite| suite.entries.iter().map(move |entry| (suite, entry)))
    }

    /// File and line of a finding; of tables that are not files, the source.
    pub(super) fn place_of(&self, finding: &Finding) -> (String, u32) {
        let place = finding.place.as_ref();
        match place.and_then(|place| Some((place.table, place.line?))) {
            Some((table, line)) => {
                let file = format!("{}/{}", self.source, table.file_name());
                (file, line.get())
            }
            None => (self.source.clone(), 1),
        }
    }

    /// `7 passed, 1 failed in 2 files`
    pub(super) fn summary(&self) -> String {
        let Counts {
            passed,
            failed,
            broken,
        } = self.counts;
        let parts = [
            (passed, "passed"),
            (failed, "failed"),
            (broken, "cannot be read"),
        ];
        let is_said = |(count, what): &(usize, &str)| *count > 0 || *what == "passed";
        let parts = parts.into_iter().filter(is_said);
        let parts = parts.map(|(count, what)| format!("{count} {what}"));
        let files = counted(self.suites.len(), "file");
        format!("{} in {files}", parts.collect::<Vec<_>>().join(", "))
    }
}

/// Why an entry has not passed, in one line, with what was decided; `None` if it has.
pub(super) fn failure(entry: &Entry) -> Option<String> {
    let (because, decided) = match &entry.outcome {
        Outcome::Passed => return None,
        Outcome::Failed(differences) => (differences, &*entry.decided),
        Outcome::Broken(faults) => (faults, ""),
    };
    let because = because.join("; ");
    Some(match decided {
        "" => because,
        decided => format!("{because}; decided: {decided}"),
    })
}
