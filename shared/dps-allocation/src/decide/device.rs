//! Step 1: the device's row, and what is done while nobody knows whether there is one.
//!
//! Missing evidence never moves or admits a device: the row may name another tenant or hub, and a
//! tenant or rule may refuse the device for what the row says.

use super::tenant::enrollment_row;
use super::{Choice, DeviceFact, Facts, Stop, movement, refuse, step};
use crate::decision::{AssignedReason, RefusedReason, Unavailable};
use crate::hubs::Linked;
use crate::policy::{DeviceRow, DeviceRows, EnrollmentRow, Policy};
use crate::registration::Registration;
use crate::trace::Trace;

/// The device's row, as far as the enrollment asks for it.
pub(super) enum Row<'a> {
    /// The row; none where there is none, or where none counts.
    Known(Option<DeviceRow<'a>>),
    /// There is or may be a row, and what it says would count; why nobody knows.
    Unknown(Unavailable),
}

pub(super) fn row<'a>(
    (key, enrollment): (&str, &EnrollmentRow),
    facts: &Facts<'a>,
    trace: &mut Trace,
) -> Result<Row<'a>, Stop> {
    let rows = enrollment.device_rows;
    if rows == DeviceRows::Off {
        return Ok(Row::Known(None));
    }
    let (found, then, row) = match (facts.device, rows) {
        (DeviceFact::Row(row), _) => ("its row", "", Ok(Row::Known(Some(row)))),
        (DeviceFact::Missing, DeviceRows::Required) => {
            trace.decided_by(|| enrollment_row(key));
            let detail = "the enrollment requires a row in devices, and there is none";
            let refused = refuse(RefusedReason::UnknownDevice, detail);
            ("no row", ", and one is required", Err(refused))
        }
        (DeviceFact::Missing, _) => ("no row", "", Ok(Row::Known(None))),
        (DeviceFact::Invalid | DeviceFact::Unavailable | DeviceFact::NotRead, _) => {
            let (found, why) = if let DeviceFact::Invalid = facts.device {
                ("a row with errors", Unavailable::DeviceRowInvalid)
            } else {
                let found = "the table could not be read";
                (found, Unavailable::StoreUnavailable)
            };
            let (then, row) = without(rows, why);
            (found, then, row)
        }
    };
    trace.step(|| {
        let asked = "the device's row in devices";
        step("device", asked, format!("{found}{then}"), None)
    });
    row
}

/// What is done while nobody knows what the row says.
fn without<'a>(rows: DeviceRows, why: Unavailable) -> (&'static str, Result<Row<'a>, Stop>) {
    match rows {
        DeviceRows::Off | DeviceRows::BestEffort => (": decided without", Ok(Row::Known(None))),
        DeviceRows::Optional => (
            ": the device is neither moved nor admitted",
            Ok(Row::Unknown(why)),
        ),
        // The row is what admits the device, also to the hub that it has.
        DeviceRows::Required => (", and a row is required", Err(Stop::Unavailable(why))),
    }
}

/// A device whose row is unknown keeps a hub that is linked and not closed.
pub(super) fn keep<'a>(
    (policy, registration): (&Policy, &Registration<'_>),
    enrollment_key: &str,
    linked: &Linked<'_>,
    why: Unavailable,
    trace: &mut Trace,
) -> Result<Choice<'a>, Stop> {
    trace.decided_by(|| enrollment_row(enrollment_key));
    let may_stay = linked.set.without(policy.hubs.closed);
    if let Some(hub) = linked.current.filter(|hub| may_stay.contains(*hub)) {
        movement::trace_keep(policy, trace, hub, policy.hubs.all);
        return Ok(Choice {
            hub,
            reason: AssignedReason::StayUnverified,
            rollout: None,
        });
    }
    trace.step(|| {
        let found = match (&registration.current_hub, linked.current) {
            (None, _) => "it has no hub",
            (Some(_), None) => "no: its hub is not in the hubs table",
            (Some(_), Some(hub)) if policy.hubs.closed.contains(hub) => "no: its hub is closed",
            (Some(_), Some(_)) => "no: its hub is not in the request's linkedHubs",
        };
        let asked = "whether the device keeps its hub";
        step(
            "stay",
            asked,
            format!("{found}: DPS has to try again"),
            None,
        )
    });
    Err(Stop::Unavailable(why))
}
