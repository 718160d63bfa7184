//! Places that payload or certificate name.

use std::borrow::Cow;

use super::{Evidence, read, usable, within_tolerance};
use crate::decide::withheld::Withheld;
use crate::decide::{Case, Stop, TenantOf, step};
use crate::evidence::Found;
use crate::hubs::HubSet;
use crate::trace::Verdict;

/// Whether what the evidence says is to be kept or replayed.
pub(super) fn asks(case: &Case<'_, '_>, tenant: TenantOf<'_>, evidence: Evidence) -> bool {
    let keeps = !matches!(case.withheld, Withheld::Asked);
    keeps
        && match evidence {
            Evidence::DeviceRow | Evidence::EnrollmentRow => false,
            Evidence::CertificateCountry => case.inputs.has_certificate(),
            Evidence::PayloadLocation | Evidence::PayloadRegion => {
                case.registration.payload.is_some()
            }
            Evidence::LocationFrom => {
                let number = tenant.settings.location_from;
                let expression = number.and_then(|number| case.policy.expression(number));
                expression.is_some_and(|expression| case.withholds(expression))
            }
        }
}

/// A place that payload or certificate name is kept where everybody knows it, else what is near.
pub(super) fn near(
    case: &mut Case<'_, '_>,
    tenant: TenantOf<'_>,
    hubs: HubSet,
    evidence: Evidence,
) -> Result<Option<HubSet>, Stop> {
    let policy = case.policy;
    let asked = || Cow::Borrowed(evidence.as_str());
    let replayed = case.replayed(asked, |found| match found {
        Found::Place(_) | Found::Near(_) | Found::NoPlace => Some(found.clone()),
        _ => None,
    })?;
    match replayed {
        None => {}
        Some(Found::Place(place)) => {
            return Ok(within_tolerance(case, tenant, hubs, evidence, &place));
        }
        Some(Found::Near(hosts)) => {
            let near = hosts.iter().filter_map(|host| policy.hubs.find(host));
            return Ok(near_then(case, hubs, evidence, near.collect()));
        }
        Some(_) => return Ok(None),
    }
    let location = read(case, tenant, evidence);
    let location = case.readable(location, asked)?;
    let Some(location) = usable(case, evidence, location) else {
        case.keep(asked, || Found::NoPlace);
        return Ok(None);
    };
    let near = within_tolerance(case, tenant, hubs, evidence, &location);
    case.keep(asked, || match near {
        None => Found::NoPlace,
        Some(_) if policy.latency.lists(&location) => Found::Place(location.to_string()),
        Some(near) => {
            let hosts = near.iter().map(|hub| policy.hubs.host(hub).to_owned());
            Found::Near(hosts.collect())
        }
    });
    Ok(near)
}

/// The hubs that were near when the request was there to say where the device is.
fn near_then(
    case: &mut Case<'_, '_>,
    hubs: HubSet,
    evidence: Evidence,
    near: HubSet,
) -> Option<HubSet> {
    let near = hubs.and(near);
    case.trace.step(|| {
        let hosts: Vec<&str> = near.iter().map(|hub| case.policy.hubs.host(hub)).collect();
        let asked = format!("{}, which only the request holds", evidence.as_str());
        step(
            "latency",
            asked,
            format!("was near {}", hosts.join(", ")),
            None,
        )
    });
    case.trace
        .leave_out(hubs.without(near), Verdict::TooFar, |_| {
            "was not near".to_owned()
        });
    (!near.is_empty()).then_some(near)
}
