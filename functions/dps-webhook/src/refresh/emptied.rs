//! Tables that had rows and have none any more, which is an accident more often than an edit.

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Finding, Place};

/// The tables that had rows when a policy was last installed.
#[derive(Debug, Default)]
pub(super) struct Filled(Vec<TableName>);

impl Filled {
    /// Notes what is installed; answers a warning for each table that has lost all of its rows.
    pub(super) fn note(&mut self, tables: &Tables) -> Vec<Finding> {
        let before = std::mem::take(&mut self.0);
        self.0 = TableName::all()
            .filter(|name| !tables.table(*name).is_empty())
            .collect();
        let emptied = before
            .into_iter()
            .filter(|name| tables.table(*name).is_empty());
        emptied.map(|name| warning(name, tables)).collect()
    }
}

fn warning(name: TableName, tables: &Tables) -> Finding {
    let (rule, help) = if tables.table(name).is_missing() {
        let rule = format!("`{}.csv` is gone: its table counts as empty", name.as_str());
        (rule, "put it back if it was deleted by accident")
    } else {
        let rule = "all rows of the table are gone".to_owned();
        (rule, "put them back if they were deleted by accident")
    };
    Place::table(name).warning(rule, help)
}
