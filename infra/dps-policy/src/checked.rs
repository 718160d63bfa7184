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
    /// `None` if a finding is an error.
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
    pub(crate) async fn read_as_in_use(source: Option<Source>) -> anyhow::Result<Self> {
        let source = source.map_or_else(Source::of_settings, Ok)?;
        let [checked] = Self::all_as_in_use([source], false).await?;
        Ok(checked)
    }

    /// Several sources that are compared; a folder keeps its own device rows beside Azure Tables if
    /// a push of it `includes_devices`.
    ///
    /// # Errors
    /// When a source cannot be read.
    pub(crate) async fn all_as_in_use<const N: usize>(
        sources: [Source; N],
        includes_devices: bool,
    ) -> anyhow::Result<[Self; N]> {
        let mut sides = sources.map(|source| (source, Read::default()));
        for (source, read) in &mut sides {
            *read = source::read(source).await?;
        }
        source::share_devices(&mut sides, includes_devices).await?;
        Ok(sides.map(|(source, read)| Self::new(source, read)))
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
