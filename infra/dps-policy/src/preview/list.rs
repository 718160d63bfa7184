//! Each device that changes as a row of a CSV file.

use std::path::Path;

use dps_fleet::preview::Changed;

use crate::csv_list::CsvList;

/// A CSV file that is being written.
pub(super) struct List(CsvList);

const COLUMNS: [&str; 7] = [
    "registrationId",
    "change",
    "tenant",
    "from",
    "to",
    "reason",
    "row",
];

impl List {
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        CsvList::create(path, &COLUMNS).map(Self)
    }

    pub(super) fn write(&mut self, changed: &[Changed]) {
        for it in changed {
            self.0.write([
                &it.id,
                it.change.as_str(),
                it.tenant.as_deref().unwrap_or_default(),
                &it.from,
                &it.to,
                it.reason,
                it.row.as_deref().unwrap_or_default(),
            ]);
        }
    }

    /// # Errors
    /// When the file could not be written; not when its reader has gone.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        self.0.finish()
    }
}
