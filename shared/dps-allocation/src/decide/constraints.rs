//! Step 3: the constraints. No later step brings a hub back.

use super::applied::Applied;
use super::context::{Context, Unassigned, refuse};
use super::remaining::{Fixed, Remaining};
use super::rows::{constraint_row, step, tenant_row};
use crate::decision::RefusedReason;
use crate::explanation::Verdict;
use crate::parts::Part;
use crate::policy::{HubSet, Linked, TenantRef, mqtt_v5_obstacle};
use crate::schema::DeviceProfile;

/// The hubs that the constraints leave.
pub(super) struct Constrained<'a> {
    /// Empty only if the device may keep a hub without a row.
    pub(super) eligible: HubSet,
    /// The device's hub, if that has no row and no constraint excludes it.
    pub(super) unlisted: Option<&'a str>,
    /// Whether a rule or the device's row names the hub.
    pub(super) is_fixed: bool,
}

/// The hubs that are linked, in the pools, within residency, in the enrollment's namespace, of a
/// profile that the device can use, named if one is, and not closed.
pub(super) fn eligible<'a>(
    context: &mut Context<'_, '_>,
    tenant: TenantRef<'_>,
    rules: &Applied<'_>,
    linked: &Linked<'a>,
) -> Result<Constrained<'a>, Unassigned> {
    let (policy, registration) = (context.policy, context.registration);
    let hubs = &policy.hubs;
    let by_device = context.device.and_then(|device| device.residency);
    let profile = profile(context)?;
    let open = context.open;
    let mut remaining = Remaining {
        hubs: hubs.all,
        trace: &mut *context.trace,
    };
    remaining.narrow_to(linked.set, Verdict::NotLinked, || {
        "not in the request's linkedHubs".to_owned()
    });
    remaining.narrow_to(tenant.settings.pools, Verdict::NotInPools, || {
        "in none of the tenant's pools".to_owned()
    });
    if !hubs.reserved.is_empty() {
        remaining.narrow_to(tenant.settings.admitted, Verdict::ForOtherTenants, || {
            "its `tenants` names others".to_owned()
        });
    }
    remaining.narrow_to_pools(rules);
    remaining.narrow_to_residency(tenant.settings.residency, "the tenant's residency");
    if let Some(inside) = context.enrollment.residency {
        remaining.narrow_to_residency(inside, "the enrollment's residency");
    }
    if let Some(by_device) = by_device {
        remaining.narrow_to_residency(by_device.hubs, "the residency in the device's row");
    }
    if let Some(namespace) = &registration.enrollment.registry.namespace_name {
        let namespace = namespace.as_str();
        let inside = hubs.matching(|hub| hub.namespace.as_deref() == Some(namespace));
        remaining.narrow_to(inside, Verdict::NotInNamespace, || {
            format!("not in the namespace `{namespace}` of the enrollment")
        });
    }
    if !hubs.mqtt_v5.is_empty()
        && let Some(why) = mqtt_v5_obstacle(profile, registration)
    {
        let classic = hubs.all.without(hubs.mqtt_v5);
        remaining.narrow_to(classic, Verdict::OtherProfile, || {
            format!("an MQTT v5 hub, and {why}")
        });
    }
    if profile == DeviceProfile::MqttV5 {
        remaining.narrow_to(hubs.mqtt_v5, Verdict::OtherProfile, || {
            "a classic hub, and the device speaks MQTT v5 only".to_owned()
        });
    }
    let by_row = context.device.map(|device| device.hubs).unwrap_or_default();
    let not_closed = hubs.all.without(hubs.closed);
    let usable = remaining.hubs.and(not_closed);
    let is_fixed = if by_row.is_empty() {
        let fixed = Fixed::among(rules.hubs(), usable, open, linked.current);
        remaining.narrow_to_fixed(fixed, "the rule", hubs)
    } else {
        let fixed = Fixed::among(by_row.iter(), usable, open, linked.current);
        remaining.narrow_to_fixed(fixed, "the device's row", hubs)
    };
    remaining.narrow_to(not_closed, Verdict::Closed, || {
        "its state is closed".to_owned()
    });

    let eligible = remaining.hubs;
    context.trace.step(|| {
        let found = if eligible.is_empty() {
            "none".to_owned()
        } else {
            hubs.list(eligible)
        };
        let asked = "the hubs that may be the answer";
        step("constraints", asked, found, Some(tenant_row(tenant.id)))
    });
    let unlisted = match linked.unlisted {
        Some(hub) => unlisted(context, tenant, rules, hub, is_fixed),
        None => None,
    };
    if eligible.is_empty() && unlisted.is_none() {
        context.trace.decided_by(|| {
            let enrollment = (context.enrollment_key, context.enrollment);
            constraint_row(
                registration,
                tenant.id,
                rules,
                context.device.as_ref(),
                enrollment,
            )
        });
        let detail = format!(
            "the constraints of tenant `{}` leave none of {} linked hubs",
            tenant.id,
            registration.linked_hubs.len()
        );
        return Err(refuse(RefusedReason::NoEligibleHub, detail));
    }
    Ok(Constrained {
        eligible,
        unlisted,
        is_fixed,
    })
}

/// The profile of the device: that of its row, else that of its enrollment. With MQTT v5 it matters
/// how the device attests.
fn profile(context: &mut Context<'_, '_>) -> Result<DeviceProfile, Unassigned> {
    let by_row = context.device.and_then(|device| device.profile);
    let profile = by_row.unwrap_or(context.enrollment.profile);
    if profile != DeviceProfile::Classic && !context.policy.hubs.mqtt_v5.is_empty() {
        context.must_know(Part::Attestation, "how the device attests")?;
    }
    Ok(profile)
}

/// The device's hub without a row, unless something excludes it: it is in no pool and in no
/// geography. Its profile and namespace are unknown, and do not exclude it: the device is on it.
fn unlisted<'a>(
    context: &mut Context<'_, '_>,
    tenant: TenantRef<'_>,
    rules: &Applied<'_>,
    hub: &'a str,
    is_fixed: bool,
) -> Option<&'a str> {
    if !context.version.unlisted_stays() {
        return None;
    }
    let has_residency = context.enrollment.residency.is_some()
        || context
            .device
            .is_some_and(|device| device.residency.is_some());
    let why_not = if tenant.settings.is_limited {
        Some("the tenant has pools or a residency")
    } else if rules.iter().any(|rule| rule.pools.is_some()) {
        Some("a rule names pools")
    } else if has_residency {
        Some("there is a residency")
    } else {
        is_fixed.then_some("another hub is named")
    };
    context.trace.step(|| {
        let asked = format!("{hub}, the device's hub, which has no row in hubs");
        let found = match why_not {
            None => "counts as draining".to_owned(),
            Some(why_not) => format!("is not eligible: {why_not}"),
        };
        step("constraints", asked, found, None)
    });
    why_not.is_none().then_some(hub)
}
