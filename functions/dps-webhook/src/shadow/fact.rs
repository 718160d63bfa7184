//! What the candidate may know of the device's row: what was read for the live policy.

use dps_allocation::{DeviceFact, DeviceRows, Policy, Registration};

use crate::devices::Found;

/// None where the candidate asks for a row that was not read.
pub(super) fn of<'a>(
    candidate: &'a Policy,
    registration: &Registration<'_>,
    found: &'a Found,
) -> Option<DeviceFact<'a>> {
    if candidate.device_rows(registration) == DeviceRows::Off {
        return Some(DeviceFact::NotRead);
    }
    let row = match found {
        Found::NotRead => return None,
        Found::Missing => return Some(DeviceFact::Missing),
        Found::Unavailable => return Some(DeviceFact::Unavailable),
        Found::Invalid(_) => return Some(DeviceFact::Invalid),
        Found::WithPolicy => Ok(candidate.device(&registration.id)),
        Found::Row(record) => candidate.recorded_device(record),
    };
    Some(row.map_or(DeviceFact::Invalid, |row| {
        row.map_or(DeviceFact::Missing, DeviceFact::Row)
    }))
}
