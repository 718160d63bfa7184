//! Step 3: the walls. Nothing later can bring a hub back.

use super::{Case, Stop, TenantOf, refuse, rule_row, step, tenant_row};
use crate::decision::RefusedReason;
use crate::hubs::{Hub, HubIndex, HubSet, Linked};
use crate::policy::Rule;
use crate::profile::DeviceProfile;
use crate::registration::Registration;
use crate::tables::TableName;
use crate::trace::{RowRef, Verdict};

/// What the walls leave.
pub(super) struct Walls {
    /// Hubs that may be the answer; never empty.
    pub(super) eligible: HubSet,
    /// Whether a rule or the device's row leaves one hub only.
    pub(super) fixed: bool,
}

/// The hubs that are linked, in the pools, within residency, in the enrollment's namespace, of a
/// profile that the device can use, named if one is, and not closed.
pub(super) fn eligible(
    case: &mut Case<'_, '_>,
    tenant: TenantOf<'_>,
    rule: Option<&Rule>,
    linked: &Linked<'_>,
) -> Result<Walls, Stop> {
    let policy = case.policy;
    let mut left = policy.hubs.all;
    let mut keep = |keep: HubSet, verdict: Verdict, because: &dyn Fn() -> String| {
        case.trace
            .leave_out(left.without(keep), verdict, |_| because());
        left = left.and(keep);
    };
    keep(linked.set, Verdict::NotLinked, &|| {
        "not in the request's linkedHubs".to_owned()
    });
    let pools = policy.hub_set(tenant.settings.pools);
    keep(pools, Verdict::NotInPools, &|| {
        "in none of the tenant's pools".to_owned()
    });
    if let Some(pools) = rule.and_then(|rule| rule.pools) {
        let pools = policy.hub_set(pools);
        keep(pools, Verdict::NotInRulePools, &|| {
            "in none of the pools that the rule names".to_owned()
        });
    }
    let residency = policy.hub_set(tenant.settings.residency);
    keep(residency, Verdict::OutsideResidency, &|| {
        "outside the tenant's residency".to_owned()
    });
    let registration = case.registration;
    if let Some(namespace) = &registration.enrollment.registry.namespace_name {
        let namespace = namespace.as_str();
        let inside = |hub: &Hub| hub.namespace.as_deref() == Some(namespace);
        keep(
            policy.hubs.matching(inside),
            Verdict::NotInNamespace,
            &|| format!("not in the namespace `{namespace}` of the enrollment"),
        );
    }
    let by_row = case.device.and_then(|device| device.profile);
    let profile = by_row.unwrap_or(case.enrollment.profile);
    let mqtt_v5 = policy.hubs.mqtt_v5;
    if !mqtt_v5.is_empty()
        && let Some(why) = profile.bars_mqtt_v5(registration)
    {
        let classic = policy.hubs.all.without(mqtt_v5);
        keep(classic, Verdict::OtherProfile, &|| {
            format!("an MQTT v5 hub, and {why}")
        });
    }
    if profile == DeviceProfile::MqttV5 {
        keep(mqtt_v5, Verdict::OtherProfile, &|| {
            "a classic hub, and the device speaks MQTT v5 only".to_owned()
        });
    }
    let by_device = case.device.and_then(|device| device.hub);
    let fixed = by_device.or(rule.and_then(|rule| rule.hub));
    if let Some(fixed) = fixed {
        let by = if by_device.is_some() {
            "the device's row"
        } else {
            "the rule"
        };
        keep([fixed].into_iter().collect(), Verdict::NotFixedHub, &|| {
            format!("{by} names {}", policy.hubs.host(fixed))
        });
    }
    keep(
        policy.hubs.all.without(policy.hubs.closed),
        Verdict::Closed,
        &|| "its state is closed".to_owned(),
    );
    let eligible = left;

    case.trace.step(|| {
        let hosts: Vec<&str> = eligible.iter().map(|hub| policy.hubs.host(hub)).collect();
        let found = if hosts.is_empty() {
            "none".to_owned()
        } else {
            hosts.join(", ")
        };
        step(
            "constraints",
            "the hubs that may be the answer",
            found,
            Some(tenant_row(tenant.id)),
        )
    });
    if eligible.is_empty() {
        case.trace
            .decided_by(|| wall_row(case.registration, tenant, rule, by_device));
        let linked = case.registration.linked_hubs.len();
        let detail = format!(
            "the constraints of tenant `{}` leave none of {linked} linked hubs",
            tenant.id
        );
        return Err(refuse(RefusedReason::NoEligibleHub, detail));
    }
    Ok(Walls {
        eligible,
        fixed: fixed.is_some(),
    })
}

/// The row that narrows most specifically: device, rule, tenant.
pub(super) fn wall_row(
    registration: &Registration<'_>,
    tenant: TenantOf<'_>,
    rule: Option<&Rule>,
    by_device: Option<HubIndex>,
) -> RowRef {
    match rule {
        _ if by_device.is_some() => {
            RowRef::new(TableName::Devices, registration.id.as_str(), "device")
        }
        Some(rule) if rule.pools.is_some() || rule.hub.is_some() => rule_row(rule),
        _ => tenant_row(tenant.id),
    }
}
