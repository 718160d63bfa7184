//! What reports call the rows that decide.

use dps_allocation::RowRef;
use dps_allocation::tables::TableName;

/// The name of a row; rows of devices count together, since there is one for each device.
pub(crate) fn name(row: &RowRef) -> String {
    match row.table {
        TableName::Devices => "devices".to_owned(),
        _ => row.to_string(),
    }
}
