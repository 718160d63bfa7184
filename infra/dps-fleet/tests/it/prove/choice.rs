//! Planted faults: the same hubs, and another choice among them.

use dps_allocation::tables::TableName;
use dps_fleet::prove::{Claim, Verdict};

use crate::policy::tables_of;
use crate::prove::{claim, decided};

/// Two sets of tables that give some device another of the same hubs.
#[track_caller]
fn check_choice(before: &[(TableName, &str)], after: &[(TableName, &str)]) {
    let side = |more: &[(TableName, &str)]| {
        let mut rows = vec![
            (TableName::Hubs, "hub|a.azure-devices.net|region=westeurope"),
            (TableName::Hubs, "hub|b.azure-devices.net|region=eastus"),
            (TableName::Enrollments, "enrollment|e|tenants=t"),
        ];
        rows.extend(more);
        tables_of(&rows)
    };
    let (before, after) = (side(before), side(after));
    let report = claim(&Claim::Same("e".to_owned()), &[&before, &after]);
    assert_eq!(report.verdict, Verdict::Refuted, "{report:?}");
    let shown = report.counterexample.unwrap();
    let body = shown.request.to_string();
    let decided_by = [&before, &after].map(|tables| decided(tables, &body, shown.at));
    assert_ne!(decided_by[0], decided_by[1], "{body}");
}

#[test]
fn edits_of_how_a_hub_is_chosen() {
    use TableName::{Rollouts, Rules, Tenants};
    let near = (Tenants, "tenant|t|placement=latency");
    let by_weight = (Rules, "t|1|when=true|placement=weighted");
    check_choice(&[near], &[near, by_weight]);
    check_choice(&[near, by_weight], &[near]);
    check_choice(&[near], &[(Tenants, "tenant|t|placement=weighted")]);
    let some = (Rules, "t|1|when=payload.kind == 'x'|placement=weighted");
    check_choice(&[near], &[near, some]);
    let anew = (
        Rollouts,
        "t|1|to=a.azure-devices.net;b.azure-devices.net|anew=true|steps=100%",
    );
    let gain = (
        Rollouts,
        "t|1|to=a.azure-devices.net;b.azure-devices.net|anew=true|steps=100%|minGainMs=60",
    );
    check_choice(&[near, anew], &[near, gain]);
    check_choice(&[near], &[near, anew]);
    // One hub to go to, and devices that keep theirs.
    let one = (
        Rollouts,
        "t|1|to=b.azure-devices.net|from=a.azure-devices.net|anew=true|steps=100%",
    );
    let some = (
        Rollouts,
        "t|1|to=b.azure-devices.net|from=a.azure-devices.net|anew=true|steps=100%|minGainMs=60",
    );
    check_choice(&[near, one], &[near, some]);
    // The reason is the rollout before and after.
    let to = (
        Rollouts,
        "t|1|to=a.azure-devices.net;b.azure-devices.net|cohort=all|steps=100%",
    );
    check_choice(&[near, to], &[near, by_weight, to]);
}

const HUBS: [(TableName, &str); 4] = [
    (TableName::Hubs, "hub|h1.azure-devices.net"),
    (TableName::Hubs, "hub|h2.azure-devices.net"),
    (TableName::Hubs, "hub|h3.azure-devices.net|weight=0"),
    (TableName::Tenants, "tenant|t"),
];

/// The hash of the group chooses, in place of that of the id.
#[test]
fn the_group_in_the_row_of_a_device() {
    let side = |group: &str| {
        let mut rows = HUBS.to_vec();
        let row = format!("d-3|device|group={group}");
        rows.push((
            TableName::Enrollments,
            "enrollment|e|tenants=t|deviceRows=optional",
        ));
        rows.push((TableName::Devices, &row));
        tables_of(&rows)
    };
    let check = |before: &str, after: &str, expected: Verdict| {
        let (before, after) = (side(before), side(after));
        let report = claim(&Claim::Same("e".to_owned()), &[&before, &after]);
        assert_eq!(report.verdict, expected, "{report:?}");
    };
    check("g1", "g2", Verdict::Refuted);
    check("g1", " G1", Verdict::Proved);
}

/// A share that grows evenly is below another one at each moment that rows name, and halfway
/// between these, but not shortly before the last.
#[test]
fn a_share_that_overtakes_another_of_the_same_salt() {
    let check = |steps: &str, expected: Verdict| {
        let mut rows = HUBS.to_vec();
        let first = format!("t|1|to=h2.azure-devices.net|cohort=new|salt=x|steps={steps}");
        rows.extend([
            (TableName::Enrollments, "enrollment|e|tenants=t"),
            (TableName::Rollouts, &*first),
            (
                TableName::Rollouts,
                "t|2|to=h3.azure-devices.net|cohort=new|salt=x|ramp=linear|steps=2026-12-01=0% 2026-12-03=100%",
            ),
        ]);
        let hub = "h3.azure-devices.net".to_owned();
        let report = claim(&Claim::NoNewDevices(hub), &[&tables_of(&rows)]);
        assert_eq!(report.verdict, expected, "{report:?}");
    };
    check("2026-12-01=60% 2026-12-03=100%", Verdict::Refuted);
    check("2026-12-01=99% 2026-12-03=100%", Verdict::Refuted);
    check("2026-12-01=100%", Verdict::Proved);
}
