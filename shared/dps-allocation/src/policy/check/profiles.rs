//! Hubs that no device can use, because they have another profile.
//!
//! Only what is certain is a finding: device rows may have any profile.

use std::collections::HashSet;

use super::destinations::destinations;
use crate::finding::Finding;
use crate::policy::model::{EnrollmentRow, HubSet, Policy, Spoken, TenantIndex};
use crate::schema::{Column, DeviceProfile, DeviceRows, TableName};
use crate::tables::Canonical;

const HELP: &str = "set `profile` of an enrollment to what its devices speak, or name other hubs";

pub(super) fn check(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    let speakers = Speakers::of(policy);
    if policy.hubs.mqtt_v5.is_empty() && speakers.only_classic {
        return;
    }
    check_hubs(policy, rows, &speakers, findings);
    check_tenants(policy, rows, &speakers, findings);
    check_rows(policy, &speakers, findings);
}

/// What the devices of each tenant speak, by the enrollments that let them in.
struct Speakers {
    of: Vec<Spoken>,
    of_any: Spoken,
    /// All devices together.
    all: Spoken,
    only_classic: bool,
}

impl Speakers {
    fn of(policy: &Policy) -> Self {
        let mut this = Self {
            of: vec![Spoken::default(); policy.tenants.iter().count()],
            of_any: Spoken::default(),
            all: Spoken::default(),
            only_classic: true,
        };
        for row in policy.enrollments.rows() {
            let spoken = spoken(row);
            this.all = this.all.or(spoken);
            this.only_classic &= row.profile == DeviceProfile::Classic;
            let Some(listed) = row.tenants.listed() else {
                this.of_any = this.of_any.or(spoken);
                continue;
            };
            for tenant in listed {
                if let Some(slot) = this.of.get_mut(tenant.position()) {
                    *slot = slot.or(spoken);
                }
            }
        }
        this
    }

    /// What the devices of a tenant speak, or those of all; none where no enrollment lets one in.
    fn of_scope(&self, tenant: Option<TenantIndex>) -> Option<Spoken> {
        let spoken = match tenant {
            Some(tenant) => self.of.get(tenant.position())?.or(self.of_any),
            None => self.all,
        };
        (spoken != Spoken::default()).then_some(spoken)
    }
}

fn spoken(row: &EnrollmentRow) -> Spoken {
    match row.device_rows {
        DeviceRows::Off => row.profile.into(),
        _ => Spoken::ANY,
    }
}

/// Which of the hubs no device can use, and why; none where some device can use one.
fn unusable(policy: &Policy, hubs: HubSet, spoken: Spoken) -> Option<&'static str> {
    if hubs.is_empty() || !hubs.and(spoken.hubs(&policy.hubs)).is_empty() {
        return None;
    }
    Some(if hubs.and(policy.hubs.mqtt_v5).is_empty() {
        "is classic, and the devices speak MQTT v5 only"
    } else {
        "is an MQTT v5 hub, and no enrollment says that the devices speak MQTT v5"
    })
}

fn check_hubs(policy: &Policy, rows: &Canonical, speakers: &Speakers, findings: &mut Vec<Finding>) {
    let Some(spoken) = speakers.of_scope(None) else {
        return;
    };
    for row in rows.rows(TableName::Hubs) {
        let hub: HubSet = policy.hubs.find(row.key()).into_iter().collect();
        if let Some(why) = unusable(policy, hub, spoken) {
            let rule = format!("no device can use the hub: it {why}");
            findings.push(row.cell(Column::Profile).warning(rule, HELP));
        }
    }
}

fn check_tenants(
    policy: &Policy,
    rows: &Canonical,
    speakers: &Speakers,
    findings: &mut Vec<Finding>,
) {
    let mut seen = HashSet::new();
    for tenant in policy.tenants.iter() {
        let Some(spoken) = speakers.of_scope(Some(tenant.index)) else {
            continue;
        };
        let hubs = tenant.settings.usable_hubs();
        // One finding for equal tenants; it names the first of them.
        let settings = tenant.settings;
        if !seen.insert((
            settings.pools,
            settings.residency,
            settings.admitted,
            spoken,
        )) {
            continue;
        }
        let row = rows.find(TableName::Tenants, "tenant", tenant.id);
        let why = unusable(policy, hubs, spoken);
        if let (Some(row), Some(why)) = (row, why) {
            let rule = format!("none of its hubs can serve its devices: each {why}");
            findings.push(row.cell(Column::Pools).error(rule, HELP));
        }
    }
}

/// Rollouts and rules that lead where no device can go.
fn check_rows(policy: &Policy, speakers: &Speakers, findings: &mut Vec<Finding>) {
    for (tenant, place, hubs) in destinations(policy) {
        let spoken = speakers.of_scope(tenant);
        if let Some(why) = spoken.and_then(|spoken| unusable(policy, hubs, spoken)) {
            let rule = format!("no device can go there: each of its hubs {why}");
            findings.push(place.error(rule, HELP));
        }
    }
}
