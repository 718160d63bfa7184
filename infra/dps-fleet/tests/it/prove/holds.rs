//! What holds for the starter tables is proved.

use dps_allocation::tables::TableName;
use dps_fleet::prove::{Claim, Verdict};

use crate::prove::{claim, starter, with};

/// Table, row, cells.
type Edit = (
    TableName,
    &'static str,
    &'static [(&'static str, &'static str)],
);

#[track_caller]
fn check(it: &Claim, edit: Option<Edit>) {
    let before = starter();
    let after = edit.map(|(table, keys, cells)| with(&before, table, keys, cells));
    let tables = match &after {
        Some(after) => vec![&before, after],
        None => vec![&before],
    };
    let report = claim(it, &tables);
    assert_eq!(report.verdict, Verdict::Proved, "{report:?}");
    assert!(report.decisions > 20, "{report:?}");
}

#[test]
fn no_tenant_of_the_starter_tables_leaves_its_constraints() {
    check(&Claim::Constraints, None);
}

#[test]
fn a_draining_hub_gets_no_new_device() {
    let hub = "iotpnpws-hub-20210726.azure-devices.net";
    check(&Claim::NoNewDevices(hub.to_owned()), None);
}

#[test]
fn an_edit_of_one_tenant_changes_only_that() {
    let only = |tenant: &str| Claim::OnlyTenant(tenant.to_owned());
    let tolerance: &[(&str, &str)] = &[("toleranceMs", "200")];
    check(
        &only("tenant-a"),
        Some((TableName::Tenants, "tenant/tenant-a", tolerance)),
    );
    let steps: &[(&str, &str)] = &[("steps", "2026-12-01=50%")];
    check(
        &only("tenant-a"),
        Some((TableName::Rollouts, "tenant-a/2026-q4-spread", steps)),
    );
    let rule: &[(&str, &str)] = &[("pools", "heatpumps")];
    check(
        &only("contoso"),
        Some((TableName::Rules, "contoso/100-toasters", rule)),
    );
}

#[test]
fn an_edit_that_changes_nothing_is_proved_to() {
    let same = |it: &str| Claim::Same(it.to_owned());
    // The hub is in no pool of the enrollment's tenant.
    let weight: &[(&str, &str)] = &[("weight", "9")];
    let hub = "hub/contoso-weu-1.azure-devices.net";
    check(
        &same("SAS-IoT-Devices"),
        Some((TableName::Hubs, hub, weight)),
    );
    check(
        &same("contoso-factory-x509"),
        Some((TableName::Twins, "*/gateway", &[("desired", "{}")])),
    );
}
