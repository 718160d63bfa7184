//! Placement `static`: the tenant names the hub, and those that take its place.

use crate::fleet::{Device, decided_by, findings, policy, steps};

const HUBS: &str = "
    hubs: pools weight tier state
    a.net | x | 1 | 1
    b.net | x | 0 | 2
    c.net | x
    d.net | x | - | - | draining
    e.net | y
    enrollments: tenants
    group | acme
    own | beta
";

const LINKED: [&str; 5] = ["a.net", "b.net", "c.net", "d.net", "e.net"];

/// The hub and reason for a tenant with these cells: `hub placement onReprovision`.
#[track_caller]
fn check(tenant: &str, rest: &str, device: Device, expected: &str) {
    let policy = policy(&format!(
        "{HUBS}\n tenants: pools hub placement onReprovision\n acme | x | {tenant}\n beta | x\n{rest}"
    ));
    assert_eq!(device.decided(&policy), expected, "{tenant} {rest}");
}

fn device() -> Device {
    Device::new("a").linked(&LINKED)
}

#[test]
fn the_first_open_hub_of_the_list_is_used() {
    check("c.net | static", "", device(), "c.net static");
    // Tier and weight do not count.
    check("b.net;c.net | static", "", device(), "b.net static");
    check("d.net;b.net | static", "", device(), "b.net static");
    check(
        "c.net;b.net | static",
        "",
        device().linked(&["b.net", "a.net"]),
        "b.net static",
    );
    // Only for placement static.
    check("b.net | weighted", "", device(), "c.net weighted");
}

#[test]
fn without_one_that_can_be_used_new_devices_are_refused() {
    let elsewhere = device().linked(&["a.net", "c.net"]);
    check("b.net | static", "", elsewhere.clone(), "noEligibleHub");
    check(
        "d.net;b.net | static",
        "",
        device().linked(&["a.net", "d.net"]),
        "noEligibleHub",
    );
    let policy = policy(&format!(
        "{HUBS}\n tenants: pools hub placement\n acme | x | b.net | static\n beta"
    ));
    let explanation = elsewhere.explained(&policy);
    assert_eq!(
        explanation.detail.as_deref(),
        Some("none of the hubs that tenant `acme` lists for static placement is open and eligible")
    );
    assert_eq!(decided_by(&explanation), "tenants tenant/acme");
    let step =
        "weight: the first open hub of those that the tenant lists -> none [tenants tenant/acme]";
    assert!(steps(&explanation).contains(&step.to_owned()));
}

#[test]
fn editing_the_list_moves_no_device() {
    check("b.net | static", "", device().on("a.net"), "a.net stay");
    check("b.net | static", "", device().on("d.net"), "d.net stay");
    // A device that is to be placed anew moves, or stays where no hub of the list is left.
    check(
        "b.net | static | replace",
        "",
        device().on("a.net"),
        "b.net static",
    );
    let elsewhere = device().linked(&["a.net", "c.net"]).on("c.net");
    check("b.net | static | replace", "", elsewhere, "c.net stay");
}

#[test]
fn a_rule_may_set_the_placement() {
    let rule = "rules: placement hub";
    check(
        "b.net",
        &format!("{rule}\n acme/1 | static"),
        device(),
        "b.net static",
    );
    check(
        "b.net | static",
        &format!("{rule}\n acme/1 | weighted"),
        device(),
        "c.net weighted",
    );
    // A hub that is fixed need not be in the list.
    check(
        "b.net | static",
        &format!("{rule}\n acme/1 | - | a.net"),
        device(),
        "a.net fixedHub",
    );
}

#[test]
fn a_rollout_need_not_lead_to_the_list() {
    let rollout = |to: &str| format!("rollouts: to steps\n acme/r | {to} | 100%");
    check(
        "b.net | static",
        &rollout("a.net"),
        device(),
        "a.net rollout",
    );
    check(
        "b.net | static",
        &rollout("a.net;b.net"),
        device(),
        "b.net rollout",
    );
    check(
        "b.net | static",
        &rollout("a.net"),
        device().on("b.net"),
        "a.net rollout",
    );
}

/// The findings about the tenants.
#[track_caller]
fn finds(tenants: &str, rest: &str, expected: &str) {
    let found = findings(&format!(
        "{HUBS}\n tenants: pools placement hub\n{tenants}\n{rest}"
    ));
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    let found: Vec<&str> = found
        .lines()
        .filter(|line| line.contains(" hub: "))
        .collect();
    assert_eq!(found, expected, "{tenants}");
}

#[test]
fn static_without_a_hub_is_a_warning() {
    let warning = "warning: tenants tenant/acme, line 13, column hub: static placement without `hub` is the first host \
                   name that is left, and a new row of hubs can change it; write the host name in `hub`, and \
                   those that take its place after it";
    finds("acme | x | static\n beta | x", "", warning);
    finds(
        "acme | x | weighted\n beta | x | static | a.net",
        "rules: placement\n acme/1 | static",
        warning,
    );
    finds("acme | x | static | a.net\n beta | x", "", "");
    // One finding for equal tenants.
    finds("acme | x | static\n beta | x | static", "", warning);
}

#[test]
fn a_list_that_is_not_used_is_reported() {
    finds(
        "acme | x | latency | a.net\n beta | x",
        "",
        "warning: tenants tenant/acme, line 13, column hub: `hub` has no effect: neither the tenant nor a rule says \
         placement static; set placement to static, or leave the cell empty; a rule with `hub` binds \
         devices to a hub",
    );
    finds(
        "acme | x | latency | a.net\n beta | x",
        "rules: placement\n acme/1 | static",
        "",
    );
    finds(
        "acme | y | static | a.net\n beta | x",
        "",
        "error: tenants tenant/acme, line 13, column hub: none of these hubs is in the tenant's pools and residency; \
         name a hub that the tenant may use",
    );
}
