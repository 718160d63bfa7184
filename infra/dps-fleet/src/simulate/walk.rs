//! One device through all moments.

use std::borrow::Cow;

use dps_allocation::{Decision, HubName};

use super::calendar::Calendar;
use super::load::Load;
use crate::fleet::{Hub, ListedDevice, Member};
use crate::preview::{Judge, Unjudged};

/// Counts where a device is, whose id is in lower case.
///
/// # Errors
/// When it cannot be decided; what was counted so far stays, and with it the device where it is.
pub(super) fn walk(
    judge: &mut Judge<'_>,
    calendar: &Calendar,
    load: &mut Load,
    id: &str,
    member: &Member<'_>,
) -> Result<(), Unjudged> {
    let mut hub = None;
    if let Some(start) = calendar.moments().first() {
        judge.set_time(*start);
        judge.judge(member, |judged| {
            hub = judged.now.as_deref().map(str::to_owned);
        })?;
    }
    if let Some(hub) = &hub {
        load.change(hub, 0, 1);
    }
    for (number, at) in calendar.of(id) {
        judge.set_time(at);
        let mut next = None;
        judge.judge(&on(member, hub.as_deref()), |judged| {
            if let Decision::Assigned(it) = &judged.to {
                next = Some(HubName::fold(&it.hub_name).into_owned());
            }
        })?;
        // DPS leaves a device that is refused where it is.
        let Some(next) = next else {
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
        hub = Some(next);
    }
    Ok(())
}

/// The device on a hub.
fn on<'a>(member: &'a Member<'_>, hub: Option<&'a str>) -> Member<'a> {
    match member {
        Member::Listed(device) => Member::Listed(ListedDevice {
            hub: hub.map_or(Hub::None, |hub| Hub::At(Cow::Borrowed(hub))),
            ..device.clone()
        }),
        Member::Logged(record) => {
            let mut record = record.clone();
            record.hub = hub.map(str::to_owned);
            Member::Logged(record)
        }
    }
}
