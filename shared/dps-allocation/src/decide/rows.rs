//! References to the rows that decide, and steps of the explanation.

use super::applied::Applied;
use crate::explanation::{RowRef, Step};
use crate::policy::{DeviceRow, EnrollmentRow, Rollout, Rule};
use crate::registration::Registration;
use crate::schema::TableName;

pub(super) fn enrollment_row(key: &str) -> RowRef {
    RowRef::new(TableName::Enrollments, "enrollment", key)
}

pub(super) fn tenant_row(id: &str) -> RowRef {
    RowRef::new(TableName::Tenants, "tenant", id)
}

pub(super) fn rule_row(rule: &Rule) -> RowRef {
    RowRef::new(TableName::Rules, &rule.scope, &rule.name)
}

pub(super) fn rollout_row(rollout: &Rollout) -> RowRef {
    RowRef::new(TableName::Rollouts, &rollout.scope, &rollout.id)
}

/// The row that constrains most specifically: that of the device, of the rule, of the enrollment,
/// of the tenant.
pub(super) fn constraint_row(
    registration: &Registration<'_>,
    tenant: &str,
    rules: &Applied<'_>,
    device: Option<&DeviceRow<'_>>,
    (enrollment_key, enrollment): (&str, &EnrollmentRow),
) -> RowRef {
    if device.is_some_and(|row| !row.hubs.is_empty() || row.residency.is_some()) {
        return RowRef::new(TableName::Devices, registration.id.as_str(), "device");
    }
    if let Some(rule) = rules.constraining() {
        return rule_row(rule);
    }
    if enrollment.residency.is_some() {
        return enrollment_row(enrollment_key);
    }
    tenant_row(tenant)
}

pub(super) fn step(
    step: &'static str,
    asked: impl Into<String>,
    found: impl Into<String>,
    row: Option<RowRef>,
) -> Step {
    Step {
        step,
        asked: asked.into(),
        found: found.into(),
        row,
    }
}
