//! The hubs within the tolerance of the nearest.

use smallvec::SmallVec;

use super::source::Source;
use crate::decide::context::Context;
use crate::decide::movement::Gain;
use crate::decide::rows::{enrollment_row, step};
use crate::explanation::Verdict;
use crate::policy::{HubIndex, HubSet, TenantRef};

/// The hubs with a known round trip, and its milliseconds. DPS links at most 50.
type Trips = SmallVec<[(HubIndex, u16); 64]>;

/// The hubs within the tolerance of the nearest; none if no hub has a latency from there.
///
/// With a minimum gain, an empty set says that no hub is enough nearer.
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
    let known = hubs.iter().filter_map(|hub| Some((hub, trip(hub)?.ms)));
    let trips: Trips = known.collect();
    let Some(best) = trips.iter().map(|(_, ms)| *ms).min() else {
        context.trace.step(|| {
            let found = "no hub has a latency from there, measured or estimated";
            step("latency", asked(), found, None)
        });
        return None;
    };
    let limit = best.saturating_add(tenant.settings.tolerance_ms);
    let near = within(&trips, limit);
    context.trace.step(|| {
        let estimated = near.iter().filter_map(trip).any(|trip| trip.is_estimate);
        let kind = if estimated { " (estimated)" } else { "" };
        let found = format!("the nearest hub is {best} ms away{kind}; up to {limit} ms count");
        let by_enrollment = source == Source::EnrollmentRow;
        let row = by_enrollment.then(|| enrollment_row(context.enrollment_key));
        step("latency", asked(), found, row)
    });
    let left = match gain {
        None => near,
        Some(gain) => {
            let own = trip(gain.over).map(|it| it.ms);
            gaining(context, near, gain, own, &trips, asked)
        }
    };
    for (hub, ms) in trips.iter().filter(|(_, ms)| *ms > limit) {
        context.trace.exclude((*hub).into(), Verdict::TooFar, |_| {
            format!("{ms} ms from `{location}`; up to {limit} ms count")
        });
    }
    let unknown = hubs.without(within(&trips, u16::MAX));
    context
        .trace
        .exclude(unknown, Verdict::LatencyUnknown, |_| {
            format!("no latency from `{location}`, measured or estimated")
        });
    Some(left)
}

/// The hubs that are at most `limit` milliseconds away.
fn within(trips: &[(HubIndex, u16)], limit: u16) -> HubSet {
    let within = trips.iter().filter(|(_, ms)| *ms <= limit);
    within.map(|(hub, _)| *hub).collect()
}

/// The near hubs that are enough nearer, and the device's own if it is near; none if no hub is
/// enough nearer.
///
/// Once the device has moved, the weighted hash picks the same hub again, so it moves only once.
fn gaining(
    context: &mut Context<'_, '_>,
    near: HubSet,
    Gain { over, min_ms }: Gain,
    own: Option<u16>,
    trips: &[(HubIndex, u16)],
    asked: impl Fn() -> String,
) -> HubSet {
    let limit = own.and_then(|own| own.checked_sub(min_ms));
    let better = limit.map_or_else(HubSet::default, |limit| near.and(within(trips, limit)));
    let policy = context.policy;
    let host = policy.hubs.host(over);
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
    let left = better.or(near.and(HubSet::from(over)));
    context
        .trace
        .exclude(near.without(left), Verdict::GainTooSmall, |_| {
            format!("less than {min_ms} ms nearer than the hub that the device has")
        });
    left
}
