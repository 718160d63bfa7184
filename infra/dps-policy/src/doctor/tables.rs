//! The tables that the webhook is compared with.

use dps_allocation::{Policy, Severity};

use super::finding::Checks;
use crate::checked::Checked;
use crate::output::{self, counted};

/// Tables without errors.
pub(super) struct GoodTables {
    pub(super) checked: Checked,
    pub(super) policy: Policy,
}

/// What is wrong with the tables; `None` if they have errors.
pub(super) fn check(checks: &mut Checks, mut checked: Checked) -> Option<GoodTables> {
    let source = checked.source.short();
    let help = format!("run `dps-policy check {source}`, which names the rows");
    let Some(policy) = checked.policy.take() else {
        let errors = counted(checked.count(Severity::Error), "error");
        checks.bad("tables", format!("`{source}` has {errors}"), help);
        return None;
    };
    let revision = policy.revision().short();
    match checked.count(Severity::Warning) {
        0 => checks.good("tables", format!("`{source}` holds revision {revision}")),
        warnings => {
            let warnings = counted(warnings, "warning");
            let detail = format!("`{source}` holds revision {revision}, with {warnings}");
            checks.not_checked("tables", detail, help);
        }
    }
    Some(GoodTables { checked, policy })
}

/// They cannot be read at all.
pub(super) fn unreadable(checks: &mut Checks, error: &anyhow::Error) {
    let help = "check the settings PolicyTables.., the network and the role `Storage Table Data \
                Reader`, or name a folder";
    checks.bad("tables", output::chain(error), help);
}
