//! Locations that payload or certificate claim, recorded or replayed.

use super::near::within_tolerance;
use super::read::{read, usable};
use super::source::Source;
use crate::decide::context::{Context, Unassigned};
use crate::decide::evidence_mode::EvidenceMode;
use crate::decide::movement::Gain;
use crate::decide::rows::step;
use crate::evidence::Found;
use crate::explanation::Verdict;
use crate::parts::Part;
use crate::policy::{HubSet, TenantRef};

/// Whether the claim of the source is recorded, replayed or unknown.
pub(super) fn records(context: &Context<'_, '_>, tenant: TenantRef<'_>, source: Source) -> bool {
    let (certificate, payload) = match &*context.mode {
        EvidenceMode::Unrecorded => return false,
        EvidenceMode::Partial { unknown, .. } => (
            unknown.contains(Part::Certificate),
            unknown.contains(Part::Payload),
        ),
        EvidenceMode::Recorded(_) | EvidenceMode::Replayed { .. } => (
            context.inputs.has_certificate(),
            context.registration.payload.is_some(),
        ),
    };
    match source {
        Source::DeviceRow | Source::EnrollmentRow => false,
        Source::CertificateCountry => certificate,
        Source::PayloadLocation | Source::PayloadRegion => payload,
        Source::LocationFrom => {
            let expression = tenant.settings.location_from.as_deref();
            expression.is_some_and(|expression| context.records(expression))
        }
    }
}

/// Records a public location by its name, and any other by the hubs that are near.
pub(super) fn near(
    context: &mut Context<'_, '_>,
    tenant: TenantRef<'_>,
    hubs: HubSet,
    gain: Option<Gain>,
    source: Source,
) -> Result<Option<HubSet>, Unassigned> {
    let policy = context.policy;
    let question = || source.as_str().into();
    let replayed = context.replayed(question, |found| match found {
        Found::Place(_) | Found::Near(_) | Found::NoPlace => Some(found.clone()),
        _ => None,
    })?;
    match replayed {
        None => {}
        Some(Found::Place(place)) => {
            return Ok(within_tolerance(
                context, tenant, hubs, gain, source, &place,
            ));
        }
        Some(Found::Near(hosts)) if hosts.is_empty() => {
            context.trace.step(|| {
                let asked = format!("{}, which only the request holds", source.as_str());
                step("latency", asked, "no hub was enough nearer", None)
            });
            return Ok(Some(HubSet::default()));
        }
        Some(Found::Near(hosts)) => {
            let near = hosts.iter().filter_map(|host| policy.hubs.find(host));
            return Ok(recorded_near(context, hubs, source, near.collect()));
        }
        Some(_) => return Ok(None),
    }
    let claim = read(context, tenant, source);
    let claim = context.record_unreadable(claim, question)?;
    let Some(location) = usable(context, source, claim) else {
        context.record(question, || Found::NoPlace);
        return Ok(None);
    };
    let near = within_tolerance(context, tenant, hubs, gain, source, &location);
    context.record(question, || match near {
        None => Found::NoPlace,
        Some(_) if policy.latency.lists(&location) => Found::Place(location.to_string()),
        Some(near) => {
            let hosts = near.iter().map(|hub| policy.hubs.host(hub).to_owned());
            Found::Near(hosts.collect())
        }
    });
    Ok(near)
}

/// The hubs that were near the location when the decision was recorded.
fn recorded_near(
    context: &mut Context<'_, '_>,
    hubs: HubSet,
    source: Source,
    near: HubSet,
) -> Option<HubSet> {
    let near = hubs.and(near);
    let policy = context.policy;
    context.trace.step(|| {
        let asked = format!("{}, which only the request holds", source.as_str());
        let found = format!("was near {}", policy.hubs.list(near));
        step("latency", asked, found, None)
    });
    let far = hubs.without(near);
    context
        .trace
        .exclude(far, Verdict::TooFar, |_| "was not near".to_owned());
    (!near.is_empty()).then_some(near)
}
