//! What was predicted of a push, kept with the revision that it wrote.

use dps_allocation::RevisionPrefix;

use super::error::RevisionError;
use super::rows::Revisions;
use super::text;
use crate::archive::checksum;
use crate::azure::{Key, Row};
use crate::report_key::ReportKey;

/// A report that one row can hold, as whoever pushes has written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report(String);

/// A report that is longer than a row admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the report has {0} UTF-16 units: at most {most} are possible", most = text::ROW)]
pub struct ReportTooLong(usize);

impl Report {
    /// Checks nothing but the length of the text.
    ///
    /// # Errors
    /// [`ReportTooLong`].
    pub fn new(text: String) -> Result<Self, ReportTooLong> {
        match text.encode_utf16().count() {
            0..=text::ROW => Ok(Self(text)),
            length => Err(ReportTooLong(length)),
        }
    }

    pub(crate) fn key(&self) -> ReportKey {
        ReportKey::of_checksum(checksum(&self.0))
    }
}

impl Revisions<'_> {
    /// Stores the report of a push of a revision, once.
    pub(crate) async fn store_report(
        &self,
        revision: &RevisionPrefix,
        report: &Report,
    ) -> Result<(), RevisionError> {
        let key = Key::ours(&partition(revision), report.key().as_str());
        let cells = text::rows(&report.0).into_iter().flatten().collect();
        self.insert(Row::new(key, cells)?).await
    }

    /// The report of a push of a revision.
    ///
    /// # Errors
    /// When the table cannot be read, or what is stored is not what was written.
    pub async fn report(
        &self,
        revision: &RevisionPrefix,
        key: &ReportKey,
    ) -> Result<String, RevisionError> {
        let rows = self.partition(&partition(revision)).await?;
        let row = rows.iter().find(|row| row.key.row.as_str() == key.as_str());
        let text = row.map(|row| text::joined([row.cells.as_slice()].into_iter()));
        text.filter(|text| checksum(text) == key.as_str())
            .ok_or_else(|| RevisionError::NoReport(revision.clone()))
    }
}

fn partition(revision: &RevisionPrefix) -> String {
    format!("report-{revision}")
}
