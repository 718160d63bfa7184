//! The hubs within the tolerance of the nearest.

use super::source::Source;
use crate::decide::context::Context;
use crate::decide::rows::{enrollment_row, step};
use crate::explanation::Verdict;
use crate::policy::{HubIndex, HubSet, MAX_HUBS, TenantRef};

/// The hubs within the tolerance of the nearest; none if no hub has a latency from there.
pub(super) fn within_tolerance(
    context: &mut Context<'_, '_>,
    tenant: TenantRef<'_>,
    hubs: HubSet,
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
    for hub in hubs.without(near).iter() {
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
