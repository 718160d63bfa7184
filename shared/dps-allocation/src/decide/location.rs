//! Step 7: the nearest hubs, by ranked sources of the device's location.

mod claim;
mod near;
mod read;
mod recorded;
mod source;

use super::context::{ChosenHub, Context, Unassigned, refuse};
use super::movement::Eligible;
use super::rows::{step, tenant_row};
use crate::decision::RefusedReason;
use crate::policy::{HubSet, TenantRef};
use crate::schema::WithoutLocation;
use source::Source;

/// Where placement `latency` leads.
pub(super) enum Located<'a> {
    /// The hubs within the tolerance of the nearest.
    Near(HubSet),
    /// No source has a usable location: the device is placed by weight.
    Unknown,
    /// No source has a usable location, or no hub is enough nearer: the device keeps its hub.
    Keep(ChosenHub<'a>),
}

/// Locates the device by the first source with a usable location.
pub(super) fn locate<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
    hubs: HubSet,
    eligible: &Eligible<'a>,
) -> Result<Located<'a>, Unassigned> {
    let sources: &[Source] = match tenant.settings.location_from {
        Some(_) => &[Source::LocationFrom],
        None => &Source::RANKED,
    };
    for source in sources {
        let near = if recorded::records(context, tenant, *source) {
            recorded::near(context, tenant, hubs, eligible.gain, *source)?
        } else {
            let claim = read::read(context, tenant, *source)?;
            let location = read::usable(context, *source, claim);
            let gain = eligible.gain;
            location
                .and_then(|it| near::within_tolerance(context, tenant, hubs, gain, *source, &it))
        };
        match (near, eligible.gain) {
            (Some(near), Some(gain)) if near.is_empty() => {
                return Ok(Located::Keep(ChosenHub::Listed(gain.over)));
            }
            (Some(near), _) => return Ok(Located::Near(near)),
            (None, _) => {}
        }
    }
    unlocated(context, tenant, hubs, eligible)
}

/// Places, keeps or refuses a device without a usable location.
///
/// `withoutLocation` refuses only a device without a hub that could be placed on several: one that
/// has a hub, or that a rollout moves, has been admitted already.
fn unlocated<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
    hubs: HubSet,
    eligible: &Eligible<'a>,
) -> Result<Located<'a>, Unassigned> {
    let policy = context.policy;
    let is_strict = tenant.settings.without_location == WithoutLocation::Refuse;
    let has_hub = context.registration.current_hub.is_some();
    let by_rollout = eligible.reason.is_some();
    let has_choice = hubs.iter().nth(1).is_some();
    let needs_location = is_strict && has_choice && !by_rollout;
    let gain = eligible.gain.map(|gain| ChosenHub::Listed(gain.over));
    let keeps = gain.or(eligible.fallback.filter(|_| needs_location));
    let is_refused = needs_location && !has_hub;
    context.trace.step(|| {
        let found = match keeps {
            Some(hub) => format!("none: the device keeps {}", hub.host(policy)),
            None if is_refused => "none: refused".to_owned(),
            None if is_strict && by_rollout => {
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
    if is_refused {
        context.trace.decided_by(|| tenant_row(tenant.id));
        let detail = format!("tenant `{}` needs a location, and none is known", tenant.id);
        return Err(refuse(RefusedReason::ClaimMissing, detail));
    }
    Ok(keeps.map_or(Located::Unknown, Located::Keep))
}
