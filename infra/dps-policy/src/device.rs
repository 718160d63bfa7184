//! The row of the device that a decision is about.

use std::time::Duration;

use dps_allocation::{DeviceFact, DeviceRecord, DeviceRows, Finding, Policy, Registration};

use crate::source::{self, Source};

/// Longest wait for a device's row; a person is waiting.
const LOOKUP: Duration = Duration::from_secs(10);

/// The device's row in Azure Tables, where its enrollment asks for it and there is one.
///
/// # Errors
/// When the row cannot be read, or has errors.
pub(crate) async fn record(
    source: &Source,
    policy: &Policy,
    registration: &Registration<'_>,
) -> anyhow::Result<Option<DeviceRecord>> {
    let asks = policy.device_rows(registration) != DeviceRows::Off;
    if !asks || matches!(source, Source::Folder(_)) {
        return Ok(None);
    }
    let row = source::azure()?.device(&registration.id, LOOKUP).await?;
    let record = row.map(|stored| DeviceRecord::read(stored.row)).transpose();
    record.map_err(|findings| with_errors(&findings))
}

/// The device's row, where its enrollment asks for it: the `record`, or that of the folder.
///
/// # Errors
/// When the record has errors.
pub(crate) fn fact<'a>(
    policy: &'a Policy,
    record: Option<&'a DeviceRecord>,
    registration: &Registration<'_>,
) -> anyhow::Result<DeviceFact<'a>> {
    let row = match (policy.device_rows(registration), record) {
        (DeviceRows::Off, _) => return Ok(DeviceFact::NotRead),
        (_, None) => policy.device(&registration.id),
        (_, Some(record)) => {
            let row = policy.recorded_device(record);
            row.map_err(|findings| with_errors(&findings))?
        }
    };
    Ok(row.map_or(DeviceFact::Missing, DeviceFact::Row))
}

fn with_errors(findings: &[Finding]) -> anyhow::Error {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("the device's row has errors: {}", findings.join("; "))
}
