//! Tables that had rows and have none any more, which may be an accident.

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Finding, Place, Policy};

/// A warning for each table of a policy that has lost all of its rows.
pub(super) fn emptied(before: &Policy, tables: &Tables) -> Vec<Finding> {
    TableName::all()
        .filter(|name| before.rows(*name) > 0 && tables.table(*name).is_empty())
        .map(|name| warning(name, tables))
        .collect()
}

fn warning(name: TableName, tables: &Tables) -> Finding {
    let (rule, help) = if tables.table(name).is_missing() {
        let rule = format!("`{}` is gone: its table counts as empty", name.file_name());
        (rule, "put it back if it was deleted by accident")
    } else {
        let rule = "all rows of the table are gone".to_owned();
        (rule, "put them back if they were deleted by accident")
    };
    Place::table(name).warning(rule, help)
}
