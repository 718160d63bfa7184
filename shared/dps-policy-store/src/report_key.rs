//! Names the report that was kept of a push.

use serde::Serialize;

use crate::azure::model::StoredRow;

/// Which report: the checksum of its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportKey(Box<str>);

/// Hex digits of a checksum.
const DIGITS: usize = 64;

/// The column that names the report of a push.
const REPORT: &str = "report";

impl ReportKey {
    pub(crate) fn of_checksum(checksum: String) -> Self {
        Self(checksum.into())
    }

    /// None for a push without one, and for a text that no version has written.
    pub(crate) fn of(row: &StoredRow) -> Option<Self> {
        let text = row.cell(REPORT);
        let is_key = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_key.then(|| Self(text.into()))
    }

    pub(crate) fn cell(&self) -> (String, String) {
        (REPORT.to_owned(), self.as_str().to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
