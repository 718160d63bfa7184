//! The row of the device that a decision is about.

use std::time::Duration;

use dps_allocation::{
    DeviceFact, DeviceRecord, DeviceRows, Explanation, Facts, Finding, Policy, Registration,
};
use jiff::Timestamp;

use crate::source::{self, Source};

/// Longest wait for a device's row; a person is waiting.
const LOOKUP: Duration = Duration::from_secs(10);

/// Decides about a registration, with the device's row of the source if its enrollment asks for it.
///
/// # Errors
/// When the row cannot be read, or has errors.
pub(crate) async fn explain(
    source: &Source,
    policy: &Policy,
    registration: &Registration<'_>,
    now: Timestamp,
) -> anyhow::Result<Explanation> {
    let asks = policy.device_rows(registration) != DeviceRows::Off;
    let record = match source {
        Source::Tables | Source::Revision(_) if asks => {
            let row = source::azure()?.device(&registration.id, LOOKUP).await?;
            let record = row.map(|stored| DeviceRecord::read(stored.row)).transpose();
            record.map_err(|findings| with_errors(&findings))?
        }
        Source::Folder(_) | Source::Tables | Source::Revision(_) => None,
    };
    let row = match &record {
        None => Ok(policy.device(&registration.id)),
        Some(record) => policy.recorded_device(record),
    };
    let device = match row.map_err(|findings| with_errors(&findings))? {
        _ if !asks => DeviceFact::NotRead,
        None => DeviceFact::Missing,
        Some(row) => DeviceFact::Row(row),
    };
    let facts = Facts { now, device };
    Ok(dps_allocation::explain(policy, registration, &facts))
}

fn with_errors(findings: &[Finding]) -> anyhow::Error {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("the device's row has errors: {}", findings.join("; "))
}
