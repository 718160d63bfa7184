//! The keys of device rows: lookups go by the registration id in lower case and `device`.
//!
//! Keys of Azure Tables are case-sensitive, and other tools store what people type.

use std::collections::BTreeSet;

use dps_allocation::tables::{Column, TableName};
use dps_allocation::{Finding, Place, RegistrationId, Severity};

use super::model::{Key, KeyPart};

/// The row key of every device.
pub(super) const DEVICE: &str = "device";

/// The keys under which a row is found at once; none if it cannot be the row of a device.
pub(crate) fn canonical(stored: &Key) -> Option<Key> {
    let id = RegistrationId::parse(stored.partition.as_str().trim()).ok()?;
    is_device(&stored.row).then(|| Key::ours(id.as_str(), DEVICE))
}

/// Whether a row key says `device`, however it is spelled.
pub(super) fn is_device(row: &KeyPart) -> bool {
    row.as_str().trim().eq_ignore_ascii_case(DEVICE)
}

/// How people spell an id who do not write it in lower case: as the device does, or in capitals.
pub(super) fn spellings(id: &RegistrationId<'_>) -> BTreeSet<String> {
    let id = id.as_str();
    BTreeSet::from([id.to_owned(), id.to_ascii_uppercase()])
}

/// What is wrong with the keys of a row that a lookup does not find at once.
pub(super) fn finding(stored: &Key) -> Option<Finding> {
    let wanted = canonical(stored).filter(|wanted| wanted != stored)?;
    let (column, is, should_be) = if wanted.partition == stored.partition {
        (Column::RowKey, &stored.row, &wanted.row)
    } else {
        (Column::PartitionKey, &stored.partition, &wanted.partition)
    };
    let id = RegistrationId::parse(wanted.partition.as_str()).ok()?;
    let found = spellings(&id).contains(stored.partition.as_str());
    let (severity, effect) = if found {
        (Severity::Warning, "so its device costs further lookups")
    } else {
        (Severity::Error, "so that no lookup finds the row")
    };
    let rule = format!("`{is}` is not `{should_be}`, {effect}: keys are case-sensitive");
    let help = "push the table with `dps-policy push`, which writes such keys anew, or store the \
                row under that key";
    let (partition, row) = (stored.partition.as_str(), stored.row.as_str());
    let place = Place::row(TableName::Devices, partition, row, None).column(column);
    Some(place.error(rule, help).with(severity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(partition: &str, row: &str, expected: &str) {
        let part = |text| KeyPart::parse(text).unwrap();
        let key = Key {
            partition: part(partition),
            row: part(row),
        };
        let shown = finding(&key).map(|it| it.to_string());
        let shown = shown
            .as_deref()
            .map_or("found", |it| it.split(", so").next().unwrap());
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_row_that_is_not_found_at_once_is_a_finding() {
        check("pump-1", "device", "found");
        check(
            "PUMP-1",
            "device",
            "warning: devices PUMP-1/device, column PartitionKey: `PUMP-1` is not `pump-1`",
        );
        check(
            "pump-1",
            "Device",
            "warning: devices pump-1/Device, column RowKey: `Device` is not `device`",
        );
        check(
            "PuMP-1",
            "DEVICE",
            "error: devices PuMP-1/DEVICE, column PartitionKey: `PuMP-1` is not `pump-1`",
        );
        check(
            "pump-1 ",
            "device",
            "error: devices pump-1 /device, column PartitionKey: `pump-1 ` is not `pump-1`",
        );
        // A row that is not a device's at all is a finding of the policy's check.
        check("pump 1", "device", "found");
        check("pump-1", "sensor", "found");
    }
}
