//! How often `decide` asks for memory; in a program of its own, since it counts every allocation.

#![cfg(test)]

#[expect(dead_code, reason = "the other tests use the rest")]
#[path = "it/fleet.rs"]
mod fleet;

use std::hint::black_box;

use allocation_counter::measure;
use dps_allocation::{Decision, Facts, Policy, Registration, decide, decide_with_evidence};
use fleet::{Device, policy};

const FLEET: &str = "
    hubs: region pools tier twin state
    a.net | westeurope | std
    b.net | northeurope | std
    c.net | eastus | std | 1
    d.net | - | old | - | - | draining
    n.net | westeurope | new
    t.net | - | twin | - | t
    enrollments: tenants location deviceRows
    group | acme
    berlin | near | berlin
    paris | near | 48.85,2.35
    lost | near | atlantis
    first | first
    fixed | fixed
    moved | moved
    back | back
    few | few
    replaced | replaced
    sold | acme | - | optional
    grouped | back | - | optional
    twin | twin
    reply | reply
    tenants: pools placement onReprovision reply
    acme | std
    near | std | latency
    first | std | static
    fixed | std
    moved | std;new
    back | std;new
    few | std;new
    replaced | std | - | replace
    twin | twin
    reply | std | - | - | {\"a\": 1}
    rules: hub pools
    fixed/1 | b.net
    acme/1 | - | std
    rollouts: to steps state return from cohort
    moved/go | n.net | 2026-11-01=1% 2026-12-01=100%
    few/1 | n.net | 0%
    few/2 | n.net | 0.001%
    few/3 | n.net | 100% | - | - | c.net | existing
    back/go | n.net | 100% | aborted | true
    latency: milliseconds
    berlin/westeurope | 12
    berlin/northeurope | 20
    devices: hub group
    pump-1 | b.net
    leaf-1 | - | gw 1
    twins: tags desired
    */t | {\"a\": 1} | {\"b\": [1, 2, {\"c\": \"d\"}]}
";

/// How often what decides about the device allocates.
fn counted(
    policy: &Policy,
    device: &Device,
    decides: impl FnOnce(&Policy, &Registration<'_>, &Facts<'_>),
) -> u64 {
    let body = device.body();
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let facts = device.facts(policy);
    measure(|| decides(policy, &registration, &facts)).count_total
}

/// How often a decision allocates, and the reason that it ends with.
#[track_caller]
fn check(device: &Device, expected: &str, allocations: u64) {
    let policy = policy(FLEET);
    let device = device.clone().with_row();
    let decided = device.decided(&policy);
    assert!(decided.ends_with(expected), "{decided}");
    let plain = counted(&policy, &device, |policy, registration, facts| {
        black_box(&decide(policy, registration, facts));
    });
    assert_eq!(plain, allocations, "{decided}");
    let with_evidence = counted(&policy, &device, |policy, registration, facts| {
        black_box(&decide_with_evidence(policy, registration, facts));
    });
    assert_eq!(with_evidence, allocations, "with evidence: {decided}");
}

fn device(group: &str) -> Device {
    let linked = [
        "A.net",
        "b.net",
        "c.net",
        "d.net",
        "n.net",
        "t.net",
        "unknown.net",
    ];
    Device::new("pump-1").through(group).linked(&linked)
}

#[test]
fn a_decision_without_twin_and_expressions_allocates_nothing() {
    check(&device("group"), " weighted", 0);
    check(&device("group").on("a.net"), " stay", 0);
    check(&device("group").on("unknown.net"), " weighted", 0);
    check(&device("replaced").on("a.net"), " weighted", 0);
    check(&device("first"), " static", 0);
    check(&device("fixed"), " fixedHub", 0);
    check(&device("sold"), " fixedHub", 0);
    check(&device("berlin"), " latency", 0);
    check(&device("paris"), " latency", 0);
    check(&device("lost"), " weighted", 0);
    check(&device("moved"), "n.net rollout", 0);
    check(&device("moved").on("a.net"), "n.net rollout", 0);
    check(&device("moved").on("n.net"), "n.net stay", 0);
    check(&device("few"), " weighted", 0);
    check(&device("few").on("a.net"), "stay", 0);
    check(&device("back").on("n.net"), " rolloutReturn", 0);
    check(&device("back").on("a.net"), "stay", 0);
}

/// Where it is in lower case; a text with capitals is copied once.
#[test]
fn a_group_of_the_devices_row_is_borrowed() {
    let policy = policy(FLEET);
    let device = Device::new("leaf-1").through("grouped").with_row();
    let device = device.linked(&["a.net", "b.net", "c.net"]);
    let counted = counted(&policy, &device, |policy, registration, facts| {
        let decision = decide(policy, registration, facts);
        let Decision::Assigned(assignment) = decision else {
            panic!("{decision:?}");
        };
        assert!(assignment.group.is_some());
    });
    assert_eq!(counted, 0);
}

#[test]
fn fixed_twins_and_replies_are_borrowed() {
    check(&device("reply"), " weighted", 0);
    check(&device("twin"), "t.net weighted", 0);
}

#[test]
fn reading_a_request_copies_no_text() {
    // The list of 50 hubs grows a few times, and nothing else is allocated.
    let linked = ["a.azure-devices.net"; 50];
    let body = device("group")
        .on("a.net")
        .payload("x")
        .linked(&linked)
        .body();
    let counted = measure(|| {
        let registration = Registration::parse(body.as_bytes()).unwrap();
        black_box(&registration);
    });
    assert!(counted.count_total <= 8, "{}", counted.count_total);
}
