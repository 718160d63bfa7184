//! Step 1: the rows of the enrollment and of the device.

use super::context::{Unassigned, refuse};
use super::facts::{DeviceFact, Facts};
use super::rows::{enrollment_row, step};
use crate::decision::{RefusedReason, Unavailable};
use crate::policy::{DeviceRow, EnrollmentRow, Policy};
use crate::registration::Registration;
use crate::schema::DeviceRows;
use crate::trace::Trace;

/// The row of the enrollment, and its key: exact before globs.
pub(super) fn enrollment<'a>(
    policy: &'a Policy,
    registration: &Registration<'_>,
    trace: &mut Trace,
) -> Result<(&'a str, &'a EnrollmentRow), Unassigned> {
    let id = registration.enrollment.id.as_str();
    let kind = registration.enrollment.kind.as_str();
    let found = policy.enrollments.find(id);
    trace.step(|| {
        let row = found.map(|(key, _)| enrollment_row(key));
        let text = if row.is_some() { "its row" } else { "no row" };
        step("enrollment", format!("{kind} {id}"), text, row)
    });
    found.ok_or_else(|| {
        let detail = format!("no row of enrollments names the {kind} enrollment `{id}`");
        refuse(RefusedReason::UnknownEnrollment, detail)
    })
}

/// The device's row, as far as the enrollment reads it.
pub(super) enum Device<'a> {
    /// The row, if there is one and it counts.
    Known(Option<DeviceRow<'a>>),
    /// Why it is not known whether there is a row that counts.
    Unknown(Unavailable),
}

pub(super) fn device<'a>(
    key: &str,
    enrollment: &EnrollmentRow,
    facts: &Facts<'a>,
    trace: &mut Trace,
) -> Result<Device<'a>, Unassigned> {
    let rows = enrollment.device_rows;
    if rows == DeviceRows::Off {
        return Ok(Device::Known(None));
    }
    let (found, then, device) = match (facts.device, rows) {
        (DeviceFact::Row(row), _) => ("its row", "", Ok(Device::Known(Some(row)))),
        (DeviceFact::Missing, DeviceRows::Required) => {
            trace.decided_by(|| enrollment_row(key));
            let detail = "the enrollment requires a row in devices, and there is none";
            let refused = refuse(RefusedReason::UnknownDevice, detail);
            ("no row", ", and one is required", Err(refused))
        }
        (DeviceFact::Missing, _) => ("no row", "", Ok(Device::Known(None))),
        (DeviceFact::Invalid, _) => {
            let (then, device) = without(rows, Unavailable::DeviceRowInvalid);
            ("a row with errors", then, device)
        }
        (DeviceFact::Unavailable | DeviceFact::NotRead, _) => {
            let (then, device) = without(rows, Unavailable::StoreUnavailable);
            ("the table could not be read", then, device)
        }
    };
    trace.step(|| {
        let asked = "the device's row in devices";
        step("device", asked, format!("{found}{then}"), None)
    });
    device
}

/// What follows if the row is unknown: for the explanation, and for the decision.
fn without<'a>(
    rows: DeviceRows,
    why: Unavailable,
) -> (&'static str, Result<Device<'a>, Unassigned>) {
    match rows {
        DeviceRows::Off | DeviceRows::BestEffort => (": decided without", Ok(Device::Known(None))),
        DeviceRows::Optional => (
            ": the device is neither moved nor admitted",
            Ok(Device::Unknown(why)),
        ),
        // The row is what admits the device, even to the hub that it has.
        DeviceRows::Required => (", and a row is required", Err(Unassigned::Unavailable(why))),
    }
}
