//! The hubs within the tolerance of the nearest.

use super::source::Source;
use crate::decide::context::Context;
use crate::decide::movement::Gain;
use crate::decide::rows::{enrollment_row, step};
use crate::explanation::Verdict;
use crate::policy::{HubIndex, HubSet, MAX_HUBS, TenantRef};

/// The hubs within the tolerance of the nearest; none if no hub has a latency from there.
///
/// If a hub must gain the device something, an empty set says that none does.
pub(super) fn within_tolerance(
    context: &mut Context<'_, '_>,
    tenant: TenantRef<'_>,
    hubs: HubSet,
    gain: Option<Gain>,
    source: Source,
    location: &str,
) -> Option<HubSet> {
    let policy = context.policy;
    let asked = || format!("{} `{location}`", source.as_str());
    let from = policy.latency.location(location);
    let trip = |hub: HubIndex| from.round_trip(policy.hubs.get(hub));
    let mut trips: [Option<u16>; MAX_HUBS] = [None; MAX_HUBS];
    for hub in hubs.iter() {
        if let Some(slot) = trips.get_mut(hub.position()) {
            *slot = trip(hub).map(|trip| trip.ms);
        }
    }
    let known = |hub: HubIndex| trips.get(hub.position()).copied().flatten();
    let Some(best) = hubs.iter().filter_map(known).min() else {
        context.trace.step(|| {
            let found = "no hub has a latency from there, measured or estimated";
            step("latency", asked(), found, None)
        });
        return None;
    };
    let limit = best.saturating_add(tenant.settings.tolerance_ms);
    let near = hubs
        .iter()
        .filter(|hub| known(*hub).is_some_and(|ms| ms <= limit));
    let near: HubSet = near.collect();
    context.trace.step(|| {
        let estimated = near.iter().filter_map(trip).any(|trip| trip.is_estimate);
        let kind = if estimated { " (estimated)" } else { "" };
        let found = format!("the nearest hub is {best} ms away{kind}; up to {limit} ms count");
        let by_enrollment = source == Source::EnrollmentRow;
        let row = by_enrollment.then(|| enrollment_row(context.enrollment_key));
        step("latency", asked(), found, row)
    });
    let far = hubs.without(near);
    let near = match gain {
        None => near,
        Some(gain) => gaining(
            context,
            near,
            gain,
            trip(gain.than).map(|it| it.ms),
            known,
            asked,
        ),
    };
    for hub in far.iter() {
        match known(hub) {
            Some(ms) => context.trace.exclude(hub.into(), Verdict::TooFar, |_| {
                format!("{ms} ms from `{location}`; up to {limit} ms count")
            }),
            None => context
                .trace
                .exclude(hub.into(), Verdict::LatencyUnknown, |_| {
                    format!("no latency from `{location}`, measured or estimated")
                }),
        }
    }
    Some(near)
}

/// The near hubs that gain the device enough, and its own hub if that is one of the near ones; none
/// if no hub does.
///
/// The hub that is drawn among these is drawn again among those that are left when the device is
/// there, so the device moves once.
fn gaining(
    context: &mut Context<'_, '_>,
    near: HubSet,
    Gain { than, min_ms }: Gain,
    own: Option<u16>,
    known: impl Fn(HubIndex) -> Option<u16>,
    asked: impl Fn() -> String,
) -> HubSet {
    let limit = own.and_then(|own| own.checked_sub(min_ms));
    let gains =
        |hub: &HubIndex| limit.is_some_and(|limit| known(*hub).is_some_and(|ms| ms <= limit));
    let better: HubSet = near.iter().filter(gains).collect();
    let policy = context.policy;
    let host = policy.hubs.host(than);
    context.trace.step(|| {
        let own = own.map_or("of unknown latency".to_owned(), |own| {
            format!("{own} ms away")
        });
        let found = if better.is_empty() {
            format!("none: the device keeps {host}, {own}")
        } else {
            policy.hubs.list(better)
        };
        let asked = format!(
            "{}: the hubs that are at least {min_ms} ms nearer than {host}",
            asked()
        );
        step("latency", asked, found, None)
    });
    if better.is_empty() {
        return better;
    }
    let own: HubSet = Some(than)
        .filter(|than| near.contains(*than))
        .into_iter()
        .collect();
    let left = better.or(own);
    context
        .trace
        .exclude(near.without(left), Verdict::GainTooSmall, |_| {
            format!("less than {min_ms} ms nearer than the hub that the device has")
        });
    left
}
