//! Step 3: the constraints, which no later step can cross.

use crate::fleet::{Device, decided_by, policy, verdicts};

const HUBS: &str = "
    hubs: pools geography state
    eu1.net | std;gold | EU
    eu2.net | std | EU | draining
    eu3.net | gold | EU | closed
    us1.net | std | US
    any.net | gold
    enrollments: tenants deviceRows
    group | acme | optional
    tenants: pools residency
";

const ALL: [&str; 5] = ["eu1.net", "eu2.net", "eu3.net", "us1.net", "any.net"];

/// The verdicts on all hubs for a new device, by host name without `.net`.
#[track_caller]
fn check(tables: &str, linked: &[&str], expected: &str) {
    let policy = policy(&format!("{HUBS}{tables}"));
    let explanation = Device::new("a").linked(linked).explained(&policy);
    assert_eq!(
        verdicts(&explanation).join(", ").replace(".net", ""),
        expected
    );
}

#[test]
fn a_hub_that_is_not_linked_is_out() {
    let linked = ["eu1.net", "eu2.net"];
    let expected = "any notLinked, eu1 chosen, eu2 draining, eu3 notLinked, us1 notLinked";
    check("acme", &linked, expected);
}

#[test]
fn a_linked_hub_that_no_row_names_is_out() {
    let linked = ["eu1.net", "Zoo.example.net", "BAR.example.net"];
    let expected = "any notLinked, BAR.example notInTable, eu1 chosen, eu2 notLinked, \
                    eu3 notLinked, us1 notLinked, Zoo.example notInTable";
    check("acme", &linked, expected);
}

#[test]
fn hubs_outside_the_tenants_pools_are_out() {
    let expected = "any notInPools, eu1 chosen, eu2 draining, eu3 notInPools, us1 notDrawn";
    check("acme | STD", &ALL, expected);
}

#[test]
fn hubs_outside_the_tenants_residency_are_out() {
    // A hub without a geography is in none.
    let expected =
        "any outsideResidency, eu1 chosen, eu2 draining, eu3 closed, us1 outsideResidency";
    check("acme | - | eu", &ALL, expected);
    let expected = "any notInPools, eu1 chosen, eu2 notInPools, eu3 closed, us1 notInPools";
    check(
        "acme | gold | EU;US",
        &ALL[..4],
        &expected.replace("any notInPools", "any notLinked"),
    );
    check(
        "acme | gold | EU, US",
        &ALL,
        &expected.replace("any notInPools", "any outsideResidency"),
    );
}

#[test]
fn hubs_outside_the_rules_pools_are_out() {
    let rule = "rules: pools hub\n acme/1 | gold";
    let expected =
        "any outsideResidency, eu1 chosen, eu2 notInRulePools, eu3 closed, us1 notInRulePools";
    check(&format!("acme | - | EU\n{rule}"), &ALL, expected);
    let expected =
        "any notInPools, eu1 chosen, eu2 notInRulePools, eu3 notInPools, us1 notInRulePools";
    check(&format!("acme | std\n{rule}"), &ALL, expected);
}

#[test]
fn a_fixed_hub_leaves_no_other() {
    let rule = "acme\n rules: hub\n acme/1 | us1.net";
    let expected = "any notFixedHub, eu1 notFixedHub, eu2 notFixedHub, eu3 notFixedHub, us1 chosen";
    check(rule, &ALL, expected);
}

#[test]
fn every_wall_may_refuse() {
    let refused = "any notLinked, eu1 notLinked, eu2 notLinked, eu3 notLinked, us1 notLinked";
    check("acme", &[], refused);
    let refused =
        "any notLinked, eu1 outsideResidency, eu2 notLinked, eu3 notLinked, us1 notLinked";
    check("acme | - | US", &["eu1.net"], refused);
    let refused = "any notLinked, eu1 notLinked, eu2 notLinked, eu3 closed, us1 notLinked";
    check("acme", &["eu3.net"], refused);
    let refused = "any notLinked, eu1 notLinked, eu2 draining, eu3 notLinked, us1 notLinked";
    check("acme", &["eu2.net"], refused);
}

/// The decision on a device whose row or rule fixes a hub.
#[track_caller]
fn fixed(rule: &str, row: &str, device: Device, expected: &str) {
    let tables =
        format!("{HUBS}acme | - | EU\n rules: hub\n acme/1 | {rule}\n devices: hub\n a | {row}");
    let policy = policy(&tables);
    let device = device.linked(&ALL).with_row();
    let explanation = device.explained(&policy);
    assert_eq!(
        format!(
            "{} by {}",
            device.decided(&policy),
            decided_by(&explanation)
        ),
        expected
    );
}

#[test]
fn the_hub_of_a_device_overrides_rules_but_no_constraint() {
    fixed(
        "-",
        "eu1.net",
        Device::new("a"),
        "eu1.net fixedHub by devices a/device",
    );
    fixed(
        "eu2.net",
        "eu1.net",
        Device::new("a"),
        "eu1.net fixedHub by devices a/device",
    );
    fixed(
        "eu1.net",
        "-",
        Device::new("a"),
        "eu1.net fixedHub by rules acme/1",
    );
    fixed(
        "eu1.net",
        "us1.net",
        Device::new("a"),
        "noEligibleHub by devices a/device",
    );
    fixed(
        "us1.net",
        "-",
        Device::new("a"),
        "noEligibleHub by rules acme/1",
    );
    fixed(
        "-",
        "eu3.net",
        Device::new("a"),
        "noEligibleHub by devices a/device",
    );
    // A draining hub accepts no new devices, even if a row names it.
    fixed(
        "eu2.net",
        "-",
        Device::new("a"),
        "noEligibleHub by tenants tenant/acme",
    );
    fixed(
        "eu2.net",
        "-",
        Device::new("a").on("eu2.net"),
        "eu2.net stay by tenants tenant/acme",
    );
    // A row that names another hub is a constraint: the device moves.
    fixed(
        "-",
        "eu1.net",
        Device::new("a").on("eu2.net"),
        "eu1.net fixedHub by devices a/device",
    );
    fixed(
        "-",
        "eu1.net",
        Device::new("a").on("eu1.net"),
        "eu1.net stay by tenants tenant/acme",
    );
}

#[test]
fn the_answer_is_spelled_as_linked() {
    let policy = policy(&format!("{HUBS}acme"));
    let check = |linked: &[&str], device: Device, expected: &str| {
        assert_eq!(device.linked(linked).decided(&policy), expected);
    };
    check(&["EU1.Net"], Device::new("a"), "EU1.Net weighted");
    check(&["eU2.net"], Device::new("a").on("Eu2.NET"), "eU2.net stay");
    check(
        &["x.net", "", "US1.NET", "not a host"],
        Device::new("a"),
        "US1.NET weighted",
    );
}

#[test]
fn every_linked_hub_counts() {
    // DPS links 50 at most.
    let mut linked = vec!["x.net"; 70_000];
    linked.push("us1.net");
    let decided = Device::new("a")
        .linked(&linked)
        .decided(&policy(&format!("{HUBS}acme")));
    assert_eq!(decided, "us1.net weighted");
}
