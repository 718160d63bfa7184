//! Reads what a source says about the device's location.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::claim::LocationClaim;
use super::source::Source;
use crate::decide::context::Context;
use crate::decide::rows::step;
use crate::expression::Unreadable;
use crate::policy::TenantRef;

/// What a source claims; a location is in canonical form.
pub(super) fn read<'a>(
    context: &Context<'a, '_>,
    tenant: TenantRef<'_>,
    source: Source,
) -> Result<LocationClaim<'a>, Unreadable> {
    // Locations in tables are canonical.
    let of_table = |location: Option<&'a str>| {
        Ok(location.map_or(LocationClaim::Nothing, |it| LocationClaim::Place(it.into())))
    };
    let claim = match source {
        Source::DeviceRow => return of_table(context.device.and_then(|device| device.location)),
        Source::EnrollmentRow => return of_table(context.enrollment.location.as_deref()),
        Source::LocationFrom => match &tenant.settings.location_from {
            None => LocationClaim::Nothing,
            Some(expression) => {
                let outcome = expression.evaluate(&context.inputs)?;
                match outcome.text() {
                    Some(text) => LocationClaim::Place(text.into()),
                    None => outcome
                        .json()
                        .map_or(LocationClaim::Nothing, LocationClaim::of),
                }
            }
        },
        Source::CertificateCountry => {
            let certificate = context.inputs.certificate()?;
            let country = certificate.and_then(|certificate| certificate.subject.country.clone());
            country.map_or(LocationClaim::Nothing, |country| {
                LocationClaim::Place(country.into())
            })
        }
        Source::PayloadLocation => payload_member(context, |payload| payload.location),
        Source::PayloadRegion => payload_member(context, |payload| payload.region),
    };
    Ok(match claim {
        LocationClaim::Place(claimed) => match canonical(&claimed) {
            location if location.is_empty() => LocationClaim::Nothing,
            location => LocationClaim::Place(location.into()),
        },
        other => other,
    })
}

/// The claimed location; the explanation says why a claim is ignored.
pub(super) fn usable<'a>(
    context: &mut Context<'_, '_>,
    source: Source,
    claim: LocationClaim<'a>,
) -> Option<Cow<'a, str>> {
    match claim {
        LocationClaim::Place(location) => Some(location),
        LocationClaim::Nothing => None,
        LocationClaim::Ignored(why) => {
            context
                .trace
                .step(|| step("latency", source.as_str(), why, None));
            None
        }
    }
}

/// The members of a payload that by convention say where a device is.
#[derive(Deserialize)]
struct LocationMembers<'a> {
    #[serde(borrow, default)]
    location: Option<&'a RawValue>,
    #[serde(borrow, default)]
    region: Option<&'a RawValue>,
}

/// What a member of the payload claims, if the payload is an object that has it.
fn payload_member(
    context: &Context<'_, '_>,
    member: impl Fn(LocationMembers<'_>) -> Option<&RawValue>,
) -> LocationClaim<'static> {
    let claim = || {
        // An array would be read as the members in their order.
        let payload = context.registration.payload?.get();
        let object = payload.starts_with('{').then_some(payload)?;
        let payload: LocationMembers<'_> = serde_json::from_str(object).ok()?;
        let value: Value = serde_json::from_str(member(payload)?.get()).ok()?;
        Some(LocationClaim::of(&value))
    };
    claim().unwrap_or(LocationClaim::Nothing)
}

/// Longest location that a device may claim, in characters: no place needs more.
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
