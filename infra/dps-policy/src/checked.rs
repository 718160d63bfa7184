//! Config tables that have been read and checked.

use dps_allocation::tables::Tables;
use dps_allocation::{Finding, Policy, Severity};

use crate::formulas;
use crate::source::{self, Read, Source};

/// Tables with everything that is wrong or looks wrong about them.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) source: Source,
    pub(crate) tables: Tables,
    /// Errors first; those of the files before those of the tables, which may follow from them.
    pub(crate) findings: Vec<Finding>,
    /// None when a finding is an error.
    pub(crate) policy: Option<Policy>,
}

impl Checked {
    /// Reads a source, or the one that the settings name.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub(crate) async fn read(source: Option<Source>) -> anyhow::Result<Self> {
        let source = source.map_or_else(Source::of_settings, Ok)?;
        let read = source::read(&source).await?;
        Ok(Self::new(source, read))
    }

    /// The same as devices are decided, with all device rows, of which there may be a million.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub(crate) async fn read_as_in_use(source: Source) -> anyhow::Result<Self> {
        let read = source::read(&source).await?;
        let mut side = [(source, read)];
        source::share_devices(&mut side, false).await?;
        let [(source, read)] = side;
        Ok(Self::new(source, read))
    }

    /// Checks what was read of a source, or is to be written to it.
    pub(crate) fn new(source: Source, read: Read) -> Self {
        let reading = Policy::read(&read.tables);
        let mut findings = read.findings;
        findings.extend(reading.findings);
        findings.extend(formulas::warnings(&read.tables));
        findings.sort_by_key(|finding| finding.severity);
        let good = findings.iter().all(|it| it.severity != Severity::Error);
        Self {
            source,
            tables: read.tables,
            findings,
            policy: reading.policy.filter(|_| good),
        }
    }

    /// How many findings have this severity.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}
