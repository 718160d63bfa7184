//! One device through all moments.

use std::borrow::Cow;

use dps_allocation::wire::Text;
use dps_allocation::{Decision, Facts, HubName, Policy, foresee};
use jiff::Timestamp;

use super::calendar::Calendar;
use super::load::Load;
use crate::preview::{Registering, Unjudged};

/// Counts where a device is, whose id is in lower case.
///
/// # Errors
/// When it cannot be decided; what was counted so far stays, and with it the device where it is.
pub(super) fn walk(
    policy: &Policy,
    calendar: &Calendar,
    load: &mut Load,
    id: &str,
    device: &mut Registering<'_>,
) -> Result<(), Unjudged> {
    if device.is_unplaced
        && let Some(start) = calendar.moments().first()
    {
        let hub = decide(policy, *start, device)?;
        put(device, hub);
    }
    let now = device.registration.current_hub.as_deref();
    let mut hub = now.map(|host| HubName::fold(host).into_owned());
    if let Some(hub) = &hub {
        load.change(hub, 0, 1);
    }
    for (number, at) in calendar.of(id) {
        // DPS leaves a device that is refused where it is.
        let Some(next) = decide(policy, at, device)? else {
            *load.refused.entry(number).or_default() += 1;
            continue;
        };
        if hub.as_ref() == Some(&next) {
            continue;
        }
        *load.moves.entry(number).or_default() += 1;
        if let Some(left) = &hub {
            load.change(left, number, -1);
        }
        load.change(&next, number, 1);
        put(device, Some(next.clone()));
        hub = Some(next);
    }
    Ok(())
}

/// The hub that the device gets, by its classic host name.
fn decide(
    policy: &Policy,
    now: Timestamp,
    device: &Registering<'_>,
) -> Result<Option<String>, Unjudged> {
    let facts = Facts {
        now,
        device: device.row(policy)?,
    };
    let found = foresee(policy, &device.registration, &facts, device.known)?;
    Ok(match &found.decision {
        Decision::Assigned(it) => Some(HubName::fold(&it.hub_name).into_owned()),
        Decision::Refused(_) | Decision::Unavailable(_) => None,
    })
}

fn put(device: &mut Registering<'_>, hub: Option<String>) {
    device.registration.current_hub = hub.map(|host| Text(Cow::Owned(host)));
}
