//! Hubs that no device can use, because they have another profile.
//!
//! Only what is certain is a finding: device rows may have any profile.

use std::collections::HashSet;

use super::destinations::destinations;
use crate::finding::Finding;
use crate::policy::model::{EnrollmentRow, HubSet, Policy, Profiles, TenantIndex};
use crate::schema::{Column, DeviceProfile, DeviceRows, TableName};
use crate::tables::Canonical;

const HELP: &str = "set `profile` of an enrollment to what its devices speak, or name other hubs";

pub(super) fn check(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    let by_scope = ByScope::of(policy);
    if policy.hubs.mqtt_v5.is_empty() && by_scope.only_classic {
        return;
    }
    check_hubs(policy, rows, &by_scope, findings);
    check_tenants(policy, rows, &by_scope, findings);
    check_rows(policy, &by_scope, findings);
}

/// The profiles of devices, by the enrollments that admit them.
struct ByScope {
    by_tenant: Vec<Profiles>,
    of_any: Profiles,
    /// All devices together.
    all: Profiles,
    only_classic: bool,
}

impl ByScope {
    fn of(policy: &Policy) -> Self {
        let mut this = Self {
            by_tenant: vec![Profiles::default(); policy.tenants.iter().count()],
            of_any: Profiles::default(),
            all: Profiles::default(),
            only_classic: true,
        };
        for row in policy.enrollments.rows() {
            let profiles = profiles_of(row);
            this.all = this.all.or(profiles);
            this.only_classic &= row.profile == DeviceProfile::Classic;
            let Some(listed) = row.tenants.listed() else {
                this.of_any = this.of_any.or(profiles);
                continue;
            };
            for tenant in listed {
                if let Some(slot) = this.by_tenant.get_mut(tenant.position()) {
                    *slot = slot.or(profiles);
                }
            }
        }
        this
    }

    /// The profiles of a tenant's devices, or of all devices; none if no enrollment admits one.
    fn of_devices(&self, tenant: Option<TenantIndex>) -> Option<Profiles> {
        let profiles = match tenant {
            Some(tenant) => self.by_tenant.get(tenant.position())?.or(self.of_any),
            None => self.all,
        };
        (profiles != Profiles::default()).then_some(profiles)
    }
}

fn profiles_of(row: &EnrollmentRow) -> Profiles {
    match row.device_rows {
        DeviceRows::Off => row.profile.into(),
        _ => Profiles::ANY,
    }
}

/// Which of the hubs no device can use, and why; none if some device can use one.
fn unusable(policy: &Policy, hubs: HubSet, profiles: Profiles) -> Option<&'static str> {
    if hubs.is_empty() || !hubs.and(profiles.hubs(&policy.hubs)).is_empty() {
        return None;
    }
    Some(if hubs.and(policy.hubs.mqtt_v5).is_empty() {
        "is classic, and the devices speak MQTT v5 only"
    } else {
        "is an MQTT v5 hub, and no enrollment says that the devices speak MQTT v5"
    })
}

fn check_hubs(policy: &Policy, rows: &Canonical, by_scope: &ByScope, findings: &mut Vec<Finding>) {
    let Some(profiles) = by_scope.of_devices(None) else {
        return;
    };
    for row in rows.rows(TableName::Hubs) {
        let hub: HubSet = policy.hubs.find(row.key()).into_iter().collect();
        if let Some(why) = unusable(policy, hub, profiles) {
            let rule = format!("no device can use the hub: it {why}");
            findings.push(row.cell(Column::Profile).warning(rule, HELP));
        }
    }
}

fn check_tenants(
    policy: &Policy,
    rows: &Canonical,
    by_scope: &ByScope,
    findings: &mut Vec<Finding>,
) {
    let mut seen = HashSet::new();
    for tenant in policy.tenants.iter() {
        let Some(profiles) = by_scope.of_devices(Some(tenant.index)) else {
            continue;
        };
        let hubs = tenant.settings.usable_hubs();
        // One finding for equal tenants; it names the first of them.
        let settings = tenant.settings;
        if !seen.insert((
            settings.pools,
            settings.residency,
            settings.admitted,
            profiles,
        )) {
            continue;
        }
        let row = rows.find(TableName::Tenants, "tenant", tenant.id);
        let why = unusable(policy, hubs, profiles);
        if let (Some(row), Some(why)) = (row, why) {
            let rule = format!("none of its hubs can serve its devices: each {why}");
            findings.push(row.cell(Column::Pools).error(rule, HELP));
        }
    }
}

/// Rollouts and rules that lead where no device can go.
fn check_rows(policy: &Policy, by_scope: &ByScope, findings: &mut Vec<Finding>) {
    for (tenant, place, hubs) in destinations(policy) {
        let profiles = by_scope.of_devices(tenant);
        if let Some(why) = profiles.and_then(|profiles| unusable(policy, hubs, profiles)) {
            let rule = format!("no device can go there: each of its hubs {why}");
            findings.push(place.error(rule, HELP));
        }
    }
}
