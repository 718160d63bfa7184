//! Rows that have no effect.

use std::collections::HashSet;

use super::placement::uses_latency;
use crate::finding::{Finding, Place};
use crate::policy::model::{Policy, Twin};
use crate::schema::TableName;
use crate::tables::Canonical;

/// Twins that no row names.
pub(super) fn twins(
    policy: &Policy,
    rows: &Canonical,
    named: &HashSet<Twin>,
    findings: &mut Vec<Finding>,
) {
    // Device rows that are not read with the policy may name any twin.
    if policy.rows(TableName::Devices) == 0 && policy.enrollments.read_devices() {
        return;
    }
    for row in rows.rows(TableName::Twins) {
        let twin = policy.twins.get(row.partition(), row.key());
        if !twin.is_some_and(|twin| named.contains(twin)) {
            let help = "name it in a `twin` column, or remove it";
            findings.push(row.place().warning("no row names the twin", help));
        }
    }
}

/// Latencies, if no tenant and no rule uses them.
pub(super) fn latency(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    if rows.len(TableName::Latency) > 0 && !uses_latency(policy, None) {
        let place = Place::table(TableName::Latency);
        let help = "set placement to latency for a tenant or rule, or remove the rows";
        findings.push(place.warning("no tenant and no rule uses placement latency", help));
    }
}

/// Device rows, if no enrollment reads them.
pub(super) fn devices(policy: &Policy, findings: &mut Vec<Finding>) {
    if policy.rows(TableName::Devices) > 0 && !policy.enrollments.read_devices() {
        let help = "set deviceRows of an enrollment to optional or required, or remove the rows";
        let place = Place::table(TableName::Devices);
        findings.push(place.warning("no enrollment asks for device rows", help));
    }
}
