//! A policy of 1,000 tenants and 50 hubs.

use dps_allocation::tables::{TableName, Tables};
use dps_fleet::prove::{Claim, Verdict};

use crate::policy::tables_of;
use crate::prove::{claim, with};

const TENANTS: usize = 1000;
const HUBS: usize = 50;

/// Five geographies; each tenant is in one, and comes through an enrollment of its own.
pub(crate) fn large() -> Tables {
    let mut rows = Vec::new();
    for hub in 0..HUBS {
        let row = format!(
            "hub|hub-{hub}.azure-devices.net|geography=g{0}|pools=p{0}|weight=3",
            hub % 5
        );
        rows.push((TableName::Hubs, row));
    }
    for tenant in 0..TENANTS {
        rows.push((
            TableName::Tenants,
            format!("tenant|t{tenant}|residency=g{}", tenant % 5),
        ));
        rows.push((
            TableName::Enrollments,
            format!("enrollment|e{tenant}|tenants=t{tenant}"),
        ));
    }
    rows.push((
        TableName::Rules,
        "*|10|mode=also|when=payload.lost == true|refuse=true".to_owned(),
    ));
    rows.push((
        TableName::Rules,
        "t7|20|when=registrationId.contains('-x-')|pools=p2".to_owned(),
    ));
    rows.push((
        TableName::Rollouts,
        "t7|go|from=hub-2.azure-devices.net|to=hub-7.azure-devices.net|steps=2026-12-01=10%"
            .to_owned(),
    ));
    let rows: Vec<(TableName, &str)> = rows.iter().map(|(name, row)| (*name, &**row)).collect();
    tables_of(&rows)
}

#[test]
fn claims_about_it_are_decided() {
    let before = large();
    let report = claim(&Claim::Constraints, &[&before]);
    assert_eq!(report.verdict, Verdict::Proved, "{report:?}");
    let after = with(
        &before,
        TableName::Tenants,
        "tenant/t500",
        &[("state", "suspended")],
    );
    let only = |tenant: &str| Claim::OnlyTenant(tenant.to_owned());
    let report = claim(&only("t500"), &[&before, &after]);
    assert_eq!(report.verdict, Verdict::Proved, "{report:?}");
    let report = claim(&only("t501"), &[&before, &after]);
    assert_eq!(report.verdict, Verdict::Refuted, "{report:?}");
}
