//! Each device that changes as a row of a CSV file.

use std::path::Path;

use dps_fleet::preview::Changed;

use crate::csv_list::CsvList;

const COLUMNS: [&str; 7] = [
    "registrationId",
    "change",
    "tenant",
    "from",
    "to",
    "reason",
    "row",
];

/// # Errors
/// When the file cannot be written.
pub(super) fn create(path: &Path) -> anyhow::Result<CsvList> {
    CsvList::create(path, &COLUMNS)
}

pub(super) fn write(list: &mut CsvList, changed: &[Changed]) {
    for Changed { id, effect: it } in changed {
        list.write([
            id,
            it.change.as_str(),
            it.tenant.as_deref().unwrap_or_default(),
            &it.from,
            &it.to,
            it.reason,
            it.row.as_deref().unwrap_or_default(),
        ]);
    }
}
