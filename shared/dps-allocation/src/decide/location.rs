//! Step 7: the nearest hubs, by ranked evidence of where the device is.

mod claim;
mod withheld;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::movement::Among;
use super::tenant::enrollment_row;
use super::{Case, Stop, TenantOf, refuse, step, tenant_row};
use crate::decision::RefusedReason;
use crate::expression::Unreadable;
use crate::hubs::{HubIndex, HubSet, MAX_HUBS};
use crate::policy::WithoutLocation;
use crate::trace::Verdict;
use claim::Claim;

/// What says where a device is, in the order in which it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Evidence {
    /// The tenant's `locationFrom`, which takes the place of all others.
    LocationFrom,
    DeviceRow,
    EnrollmentRow,
    CertificateCountry,
    PayloadLocation,
    PayloadRegion,
}

const RANKED: [Evidence; 5] = [
    Evidence::DeviceRow,
    Evidence::EnrollmentRow,
    Evidence::CertificateCountry,
    Evidence::PayloadLocation,
    Evidence::PayloadRegion,
];

impl Evidence {
    fn as_str(self) -> &'static str {
        match self {
            Self::LocationFrom => "locationFrom",
            Self::DeviceRow => "the device's row",
            Self::EnrollmentRow => "the enrollment's row",
            Self::CertificateCountry => "the certificate's country",
            Self::PayloadLocation => "payload.location",
            Self::PayloadRegion => "payload.region",
        }
    }
}

/// The hubs within the tolerance of the nearest; none without a usable location.
pub(super) fn nearest(
    case: &mut Case<'_, '_>,
    tenant: TenantOf<'_>,
    hubs: HubSet,
) -> Result<Option<HubSet>, Stop> {
    let only_expression = [Evidence::LocationFrom];
    let evidence: &[Evidence] = match tenant.settings.location_from {
        Some(_) => &only_expression,
        None => &RANKED,
    };
    for evidence in evidence {
        let near = if withheld::asks(case, tenant, *evidence) {
            withheld::near(case, tenant, hubs, *evidence)?
        } else {
            let location = read(case, tenant, *evidence)?;
            let location = usable(case, *evidence, location);
            location.and_then(|location| within_tolerance(case, tenant, hubs, *evidence, &location))
        };
        if let Some(near) = near {
            return Ok(Some(near));
        }
    }
    Ok(None)
}

/// What is done with a device that is placed by latency, and that nobody can locate.
pub(super) enum Unlocated {
    /// It is placed by weight.
    Weighted,
    /// It keeps the hub that it has.
    Keep(HubIndex),
}

/// `withoutLocation` refuses only whom a location would admit: a device without a hub that is to
/// choose among several.
///
/// A device that has a hub, or that a rollout leads, has been admitted already, and among one hub
/// there is nothing to choose.
pub(super) fn unlocated(
    case: &mut Case<'_, '_>,
    tenant: TenantOf<'_>,
    hubs: HubSet,
    among: &Among<'_>,
) -> Result<Unlocated, Stop> {
    let policy = case.policy;
    let is_strict = tenant.settings.without_location == WithoutLocation::Refuse;
    let has_hub = case.registration.current_hub.is_some();
    let is_led = among.reason.is_some();
    let chooses = hubs.iter().nth(1).is_some();
    let needs_location = is_strict && chooses && !is_led;
    let keeps = among.fallback.filter(|_| needs_location);
    let refused = needs_location && !has_hub;
    case.trace.step(|| {
        let found = match keeps {
            Some(hub) => format!("none: the device keeps {}", policy.hubs.host(hub)),
            None if refused => "none: refused".to_owned(),
            None if is_strict && is_led => {
                "none: placed by weight among the hubs of its rollout".to_owned()
            }
            None if is_strict && has_hub => {
                "none: placed by weight, because its hub is no longer eligible".to_owned()
            }
            None => "none: placed by weight".to_owned(),
        };
        let asked = "a usable location of the device";
        step("latency", asked, found, Some(tenant_row(tenant.id)))
    });
    if refused {
        case.trace.decided_by(|| tenant_row(tenant.id));
        let detail = format!("tenant `{}` needs a location, and none is known", tenant.id);
        return Err(refuse(RefusedReason::ClaimMissing, detail));
    }
    Ok(keeps.map_or(Unlocated::Weighted, Unlocated::Keep))
}

/// No latency reaches this: cells admit 60,000 ms, estimates are shorter.
const UNKNOWN: u16 = u16::MAX;

fn within_tolerance(
    case: &mut Case<'_, '_>,
    tenant: TenantOf<'_>,
    hubs: HubSet,
    evidence: Evidence,
    location: &str,
) -> Option<HubSet> {
    let policy = case.policy;
    let from = policy.latency.location(location);
    let trip = |hub: HubIndex| policy.hubs.get(hub).and_then(|hub| from.round_trip(hub));
    let (mut trips, mut best) = ([UNKNOWN; MAX_HUBS], UNKNOWN);
    for hub in hubs.iter() {
        if let (Some(slot), Some(trip)) = (trips.get_mut(hub.position()), trip(hub)) {
            *slot = trip.ms;
            best = best.min(trip.ms);
        }
    }
    let known = |hub: HubIndex| {
        trips
            .get(hub.position())
            .copied()
            .filter(|ms| *ms != UNKNOWN)
    };
    if best == UNKNOWN {
        case.trace.step(|| {
            let found = "no hub has a latency from there, measured or estimated";
            step(
                "latency",
                format!("{} `{location}`", evidence.as_str()),
                found,
                None,
            )
        });
        return None;
    }
    let limit = best.saturating_add(tenant.settings.tolerance_ms);
    let near: HubSet = hubs
        .iter()
        .filter(|hub| known(*hub).is_some_and(|ms| ms <= limit))
        .collect();
    case.trace.step(|| {
        let estimated = near.iter().filter_map(trip).any(|trip| trip.is_estimate);
        let kind = if estimated { " (estimated)" } else { "" };
        let found = format!("the nearest hub is {best} ms away{kind}; up to {limit} ms count");
        let by_enrollment = evidence == Evidence::EnrollmentRow;
        let row = by_enrollment.then(|| enrollment_row(case.enrollment_key));
        step(
            "latency",
            format!("{} `{location}`", evidence.as_str()),
            found,
            row,
        )
    });
    for hub in hubs.without(near).iter() {
        let set: HubSet = [hub].into_iter().collect();
        match known(hub) {
            Some(ms) => case.trace.leave_out(set, Verdict::TooFar, |_| {
                format!("{ms} ms from `{location}`; up to {limit} ms count")
            }),
            None => case.trace.leave_out(set, Verdict::LatencyUnknown, |_| {
                format!("no latency from `{location}`, measured or estimated")
            }),
        }
    }
    Some(near)
}

/// What a piece of evidence says, in the canonical form of locations; why it says nothing.
type Read<'a> = Result<Option<Cow<'a, str>>, &'static str>;

fn read<'a>(
    case: &Case<'a, '_>,
    tenant: TenantOf<'_>,
    evidence: Evidence,
) -> Result<Read<'a>, Unreadable> {
    let policy = case.policy;
    let claim = match evidence {
        // What tables hold is canonical.
        Evidence::DeviceRow => {
            let place = case.device.and_then(|device| device.location);
            return Ok(Ok(place.map(Cow::Borrowed)));
        }
        Evidence::EnrollmentRow => {
            let place = case.enrollment.location;
            return Ok(Ok(place.map(|place| Cow::Borrowed(policy.place(place)))));
        }
        Evidence::LocationFrom => {
            let number = tenant.settings.location_from;
            let Some(expression) = number.and_then(|number| policy.expression(number)) else {
                return Ok(Ok(None));
            };
            let outcome = expression.evaluate(&case.inputs)?;
            match outcome.text() {
                Some(text) => Claim::Place(text),
                None => outcome.json().map_or(Claim::Nothing, Claim::of),
            }
        }
        Evidence::CertificateCountry => {
            let certificate = case.inputs.certificate()?;
            let country = certificate.and_then(|certificate| certificate.subject.country.clone());
            country.map_or(Claim::Nothing, Claim::Place)
        }
        Evidence::PayloadLocation => payload_member(case, |payload| payload.location),
        Evidence::PayloadRegion => payload_member(case, |payload| payload.region),
    };
    Ok(match claim {
        Claim::Place(claimed) => Ok(Some(canonical(&claimed))
            .filter(|it| !it.is_empty())
            .map(Cow::Owned)),
        Claim::Nothing => Ok(None),
        Claim::Ignored(why) => Err(why),
    })
}

/// The location that was read; the reasons say why a claim is ignored.
fn usable<'a>(case: &mut Case<'_, '_>, evidence: Evidence, read: Read<'a>) -> Option<Cow<'a, str>> {
    read.unwrap_or_else(|why| {
        case.trace
            .step(|| step("latency", evidence.as_str(), why, None));
        None
    })
}

/// The members of a payload that by convention say where a device is.
#[derive(Deserialize)]
struct Whereabouts<'a> {
    #[serde(borrow, default)]
    location: Option<&'a RawValue>,
    #[serde(borrow, default)]
    region: Option<&'a RawValue>,
}

/// What a member of a payload that is an object claims; any other payload has none.
fn payload_member(
    case: &Case<'_, '_>,
    member: impl Fn(Whereabouts<'_>) -> Option<&RawValue>,
) -> Claim {
    let claim = || {
        // An array would be read as the members in their order.
        let payload = case.registration.payload?.get();
        let object = payload.starts_with('{').then_some(payload)?;
        let payload: Whereabouts<'_> = serde_json::from_str(object).ok()?;
        let value: Value = serde_json::from_str(member(payload)?.get()).ok()?;
        Some(Claim::of(&value))
    };
    claim().unwrap_or(Claim::Nothing)
}

/// Longest location a device may claim, in characters: no place needs more.
const MAX_CLAIM: usize = 128;

fn canonical(claimed: &str) -> String {
    let plain = claimed
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control());
    plain
        .take(MAX_CLAIM)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
