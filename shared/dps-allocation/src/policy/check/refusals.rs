//! Refusals that do not refuse the devices that they are about.

use crate::expression::Expression;
use crate::finding::Finding;
use crate::policy::model::{Policy, Rule, TenantIndex};
use crate::schema::{Column, DeviceRows};

/// Reports refusals that a device escapes by leaving out what the condition reads, and those that
/// read device rows where no enrollment does.
pub(super) fn check(policy: &Policy, findings: &mut Vec<Finding>) {
    for (tenant, rule) in policy.rules.each().filter(|(_, rule)| rule.refuse) {
        let has_rows = || has_rows(policy, tenant);
        if let Some(when) = rule.when.as_deref() {
            let unread = without_rows(rule, Column::When, when, has_rows);
            findings.extend(unread.or_else(|| escaped(rule, when)));
        }
        if let Some(unless) = rule.unless.as_deref() {
            findings.extend(without_rows(rule, Column::Unless, unless, has_rows));
        }
    }
}

/// Whether an enrollment reads rows of the tenant's devices; without a tenant, of any.
fn has_rows(policy: &Policy, tenant: Option<TenantIndex>) -> bool {
    let mut enrollments = policy.enrollments.rows();
    enrollments.any(|row| {
        let is_allowed = tenant.is_none_or(|tenant| row.tenants.allows(tenant));
        is_allowed && row.device_rows != DeviceRows::Off
    })
}

/// A condition that reads device rows where there are none.
fn without_rows(
    rule: &Rule,
    column: Column,
    condition: &Expression,
    has_rows: impl FnOnce() -> bool,
) -> Option<Finding> {
    if !condition.reads_device() || has_rows() {
        return None;
    }
    let broken = format!(
        "`{}` reads `device`, and no enrollment reads the rows of these devices",
        condition.source()
    );
    let help = "set deviceRows of the enrollment to optional or required";
    Some(rule.place().column(column).warning(broken, help))
}

/// A `when` that is not true where a part is missing that it reads.
fn escaped(rule: &Rule, when: &Expression) -> Option<Finding> {
    let part = when.assumed()?;
    let broken = format!(
        "`{}` is not true where what it reads of `{part}` is missing: such a device is not refused",
        when.source()
    );
    let help = "to refuse it, write the opposite in `unless`: whatever is not true then refuses; \
                to admit it, say so with has(..) or `?`";
    Some(rule.place().column(Column::When).warning(broken, help))
}
