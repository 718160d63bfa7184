//! Step 4: a device keeps its hub unless something moves it.

use serde_json::json;

use crate::fleet::{Device, policy, verdicts};

const HUBS: &str = "
    hubs: pools state weight
    one.net | std | - | 1
    two.net | std | - | 1000
    old.net | std | draining
    off.net | std | closed
    far.net | far
    enrollments: tenants
    group | acme
    tenants: pools onReprovision
";
const ALL: [&str; 5] = ["one.net", "two.net", "old.net", "off.net", "far.net"];

#[track_caller]
fn check(tenant: &str, current: &str, expected: &str) {
    let policy = policy(&format!("{HUBS} {tenant}"));
    let device = Device::new("a").linked(&ALL).on(current);
    assert_eq!(device.decided(&policy), expected, "{tenant} on {current}");
}

#[test]
fn a_device_keeps_a_hub_that_it_may_keep() {
    check("acme | std", "one.net", "one.net stay");
    check("acme | std", "ONE.net", "one.net stay");
    check("acme | std", "old.net", "old.net stay");
    check("acme | std | stay", "one.net", "one.net stay");
}

#[test]
fn a_device_leaves_a_hub_that_it_may_not_keep() {
    check("acme | std", "off.net", "two.net weighted");
    check("acme | std", "far.net", "two.net weighted");
    check("acme | std", "unknown.net", "two.net weighted");
    check("acme | far", "one.net", "far.net weighted");
}

#[test]
fn replace_places_the_device_anew() {
    check("acme | std | replace", "one.net", "two.net weighted");
    check("acme | std | replace", "two.net", "two.net weighted");
    check("acme | std | replace", "old.net", "two.net weighted");
}

/// `linkedHubs` holds the current hub only: DPS's "never reprovision".
#[track_caller]
fn never(tables: &str, current: &str, expected: &str) {
    let policy = policy(&format!("{HUBS} {tables}"));
    let device = Device::new("a").linked(&[current]).on(current);
    assert_eq!(device.decided(&policy), expected, "{tables}");
}

#[test]
fn never_reprovision_can_only_answer_the_current_hub() {
    never("acme | std", "One.net", "One.net stay");
    never("acme | std | replace", "one.net", "one.net weighted");
    // No hub accepts new devices.
    never("acme | std | replace", "old.net", "old.net stay");
    never("acme | std", "off.net", "noEligibleHub");
    never("acme | far", "one.net", "noEligibleHub");
    never(
        "acme | std\n rules: hub\n acme/1 | two.net",
        "one.net",
        "noEligibleHub",
    );
    never(
        "acme | std\n rollouts: to steps\n acme/1 | two.net | 100%",
        "one.net",
        "one.net stay",
    );
}

#[test]
fn the_fixture_of_never_reprovision_stays() {
    let body =
        include_str!("../../../../tests/fixtures/allocation/individual-never-reprovision.json");
    let policy = policy(
        "hubs: weight
        contoso-weu-1.azure-devices.net | 1
        contoso-eus-1.azure-devices.net | 1000
        enrollments: tenants
        pump-* | acme
        tenants: onReprovision
        acme | replace",
    );
    let registration = dps_allocation::Registration::parse(body.as_bytes()).unwrap();
    assert_eq!(registration.linked_hubs.len(), 1);
    let facts = dps_allocation::Facts {
        now: "2026-12-01T00:00Z".parse().unwrap(),
        device: dps_allocation::DeviceFact::NotRead,
    };
    let dps_allocation::Decision::Assigned(assignment) =
        dps_allocation::decide(&policy, &registration, &facts)
    else {
        panic!("refused");
    };
    assert_eq!(assignment.hub, "contoso-weu-1.azure-devices.net");
    assert_eq!(
        assignment.twin_effect,
        dps_allocation::TwinEffect::IgnoredSameHub
    );
}

#[test]
fn every_hub_has_a_verdict() {
    let explain = |tenant: &str, current: &str| {
        let policy = policy(&format!("{HUBS} {tenant}"));
        let explanation = Device::new("a").linked(&ALL).on(current).explained(&policy);
        verdicts(&explanation).join(", ").replace(".net", "")
    };
    assert_eq!(
        explain("acme | std", "old.net"),
        "far notInPools, off closed, old chosen, one notCurrentHub, two notCurrentHub"
    );
    assert_eq!(
        explain("acme | std | replace", "old.net"),
        "far notInPools, off closed, old draining, one notDrawn, two chosen"
    );
    let policy = policy(&format!("{HUBS} acme | std | replace"));
    let explanation = Device::new("a")
        .linked(&["old.net"])
        .on("old.net")
        .explained(&policy);
    assert_eq!(
        verdicts(&explanation).join(", ").replace(".net", ""),
        "far notLinked, off notLinked, old chosen, one notLinked, two notLinked"
    );
}

#[test]
fn an_empty_current_hub_is_absent() {
    let policy = policy(&format!("{HUBS} acme | std"));
    let check = |value: serde_json::Value| {
        let device = Device::new("a").linked(&ALL);
        let device = device.with("/deviceRuntimeContext/currentIotHubHostName", value);
        assert_eq!(device.decided(&policy), "two.net weighted");
    };
    check(json!(""));
    check(json!(null));
}
