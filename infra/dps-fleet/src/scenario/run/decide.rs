//! Decides a request as the webhook would.

use dps_allocation::{DeviceRecord, Facts, Policy, Registration};
use jiff::Timestamp;

use crate::scenario::device::DeviceRow;
use crate::scenario::ids::Device;

/// Hands a request with its facts to `decide`.
///
/// # Errors
/// When the request is not one, or the given row does not fit.
pub(super) fn with_request<T>(
    body: &[u8],
    row: &DeviceRow,
    numbers: &[String],
    at: Timestamp,
    policy: &Policy,
    decide: impl FnOnce(&Registration<'_>, &Facts<'_>) -> T,
) -> Result<T, String> {
    let registration = Registration::parse(body);
    let registration = registration.map_err(|error| format!("the request is not one: {error}"))?;
    let device = Device {
        id: registration.id.as_str().to_owned(),
        numbers: numbers.to_vec(),
    };
    let record: Option<DeviceRecord> = row.record(&device)?;
    let facts = Facts {
        now: at,
        device: row.fact(record.as_ref(), policy, &registration)?,
    };
    Ok(decide(&registration, &facts))
}
