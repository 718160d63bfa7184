//! A rollout with `anew` places devices again, and each of them moves once.

use dps_allocation::{Decision, Policy};
use serde_json::json;

use crate::fleet::{Device, decided_by, findings, policy, steps, verdicts};

const FLEET: &str = "
    hubs: pools weight state geography region
    a.net | std | 1 | - | EU | westeurope
    b.net | std | 1 | - | EU | northeurope
    c.net | std | 1 | - | EU | eastus
    d.net | old | 1 | draining | EU | westeurope
    x.net | far | 1 | - | US | westus
    enrollments: tenants
    group | acme
    near | near
    tenants: pools residency placement toleranceMs
    acme | std;old | EU
    near | std;old | EU | latency | 20
    latency: milliseconds
    berlin/westeurope | 10
    berlin/northeurope | 25
    berlin/eastus | 90
    boston/westeurope | 80
    boston/northeurope | 70
    boston/eastus | 10
";
const ALL: [&str; 5] = ["a.net", "b.net", "c.net", "d.net", "x.net"];
const COLUMNS: &str = "to steps anew minGainMs from cohort state pausedAt abortedAt return exclude";

fn of(rollouts: &str) -> Policy {
    let rows = rollouts.replace(" // ", "\n");
    policy(&format!("{FLEET} rollouts: {COLUMNS}\n{rows}"))
}

fn device(id: &str) -> Device {
    Device::new(id).linked(&ALL)
}

fn decided(device: &Device, policy: &Policy) -> String {
    device.decide(policy, |decision| match decision {
        Decision::Assigned(it) => format!(
            "{} {} {}",
            it.hub,
            it.reason.as_str(),
            it.rollout.unwrap_or("-")
        ),
        other => format!("{other:?}"),
    })
}

fn hub(decided: &str) -> &str {
    decided.split(' ').next().unwrap()
}

/// The decision on `device`; nobody moves at the next registration.
#[track_caller]
fn check(rollouts: &str, device: &Device, expected: &str) {
    let policy = of(rollouts);
    let first = decided(device, &policy);
    assert_eq!(first, expected, "{rollouts}");
    let again = decided(&device.clone().on(hub(&first)), &policy);
    assert_eq!(hub(&again), hub(&first), "{rollouts}: moved again");
}

#[test]
fn devices_are_placed_as_new_ones_wherever_they_are() {
    let anew = of("acme/go | std | 100% | true");
    let mut moved = 0;
    for n in 0..60 {
        let device = device(&format!("pump-{n}"));
        let new = decided(&device, &anew);
        let new = hub(&new);
        for current in ["a.net", "b.net", "c.net", "d.net", "gone.net"] {
            let again = decided(&device.clone().on(current), &anew);
            let reason = if new == current { "stay" } else { "rollout" };
            assert_eq!(again, format!("{new} {reason} go"), "{n} on {current}");
            moved += usize::from(new != current);
        }
    }
    // Two of three hubs, and everybody of the two others.
    assert!((220..=260).contains(&moved), "{moved} of 300");
}

/// A fleet on two hubs grows to three: devices move to the third one only.
#[test]
fn growth_moves_only_to_what_is_new() {
    let before = policy(&FLEET.replace("    c.net | std |", "    c.net | later |"));
    let after = of("acme/go | std | 100% | true");
    let mut moved = 0;
    for n in 0..120 {
        let device = device(&format!("pump-{n}"));
        let was = decided(&device, &before);
        let is = decided(&device.on(hub(&was)), &after);
        if hub(&was) != hub(&is) {
            assert_eq!(hub(&is), "c.net");
            moved += 1;
        }
    }
    assert!((25..=55).contains(&moved), "{moved} of 120");
}

#[test]
fn share_from_and_cohort_limit_it() {
    let on = |hub: &str| device("pump-1").on(hub);
    // The hash takes `pump-1` to this hub.
    let home = decided(&device("pump-1"), &of("acme/go | std | 100% | true"));
    let home = hub(&home);
    let (other, third) = match home {
        "a.net" => ("b.net", "c.net"),
        "b.net" => ("a.net", "c.net"),
        _ => ("a.net", "b.net"),
    };
    let go = format!("{home} rollout go");
    check("acme/go | std | 100% | true", &on(other), &go);
    check(
        "acme/go | std | 0% | true",
        &on(other),
        &format!("{other} stay -"),
    );
    let from = format!("acme/go | std | 100% | true | - | {other}");
    check(&from, &on(other), &go);
    // It is on one of the `to` hubs, and not to be placed again.
    check(&from, &on(third), &format!("{third} stay go"));
    check(
        "acme/go | std | 100% | true | - | - | existing",
        &on(other),
        &go,
    );
    let new = "acme/go | std | 100% | true | - | - | new";
    check(new, &on(other), &format!("{other} stay go"));
    let excluded = "acme/go | std | 100% | true | - | - | - | - | - | - | - | pump-*";
    check(excluded, &on(other), &format!("{other} stay -"));
    // The search ends, as with any rollout that selects the device.
    let two = format!("acme/go | std | 100% | true // acme/later | {third} | 100%");
    check(&two, &on(other), &go);
    let first = format!("acme/0 | {third} | 100% // acme/go | std | 100% | true");
    check(&first, &on(other), &format!("{third} rollout 0"));
    // Only the rollout's hubs count.
    let to = format!("acme/go | {third} | 100% | true");
    check(&to, &on(home), &format!("{third} rollout go"));
    check(&to, &on(third), &format!("{third} stay go"));
}

#[test]
fn half_a_rollout_places_half_of_the_devices() {
    let half = of("acme/go | std | 50% | true");
    let all = of("acme/go | std | 100% | true");
    let mut members = 0;
    for n in 0..200 {
        let device = device(&format!("pump-{n}"));
        let on = device.clone().on("d.net");
        let is = decided(&on, &half);
        if is == "d.net stay -" {
            continue;
        }
        assert_eq!(is, decided(&on, &all));
        members += 1;
    }
    assert!((80..=120).contains(&members), "{members} of 200");
    // A pause keeps the members.
    let paused =
        "acme/go | std | 2026-11-01=50% 2026-11-20=100% | true | - | - | - | paused | 2026-11-10";
    let paused = of(paused);
    for n in 0..200 {
        let on = device(&format!("pump-{n}")).on("d.net");
        assert_eq!(decided(&on, &paused), decided(&on, &half));
    }
}

#[test]
fn a_draining_hub_of_to_keeps_devices_only_if_no_other_is_open() {
    let on = || device("pump-1").on("d.net");
    check(
        "acme/go | d.net;c.net | 100% | true",
        &on(),
        "c.net rollout go",
    );
    check("acme/go | d.net | 100% | true", &on(), "d.net stay go");
    check("*/go | d.net;x.net | 100% | true", &on(), "d.net stay go");
    // Evacuation wins over what cannot place it anywhere else.
    let out = "acme/go | d.net | 100% | true // */out | a.net | 100% | - | - | d.net";
    check(out, &on(), "a.net rollout out");
    // Without a share of it the device stays.
    check("acme/go | d.net;c.net | 0% | true", &on(), "d.net stay -");
    check(
        "acme/go | d.net;c.net | 100% | true",
        &device("pump-1").linked(&["d.net"]).on("d.net"),
        "d.net stay go",
    );
}

#[test]
fn constraints_come_first() {
    let of_us = findings(&format!(
        "{FLEET} rollouts: to steps anew\n acme/go | x.net | 100% | true"
    ));
    assert!(of_us.contains("across its residency"), "{of_us}");
    let everywhere = "*/go | a.net;x.net | 100% | true";
    check(
        everywhere,
        &device("pump-1").on("b.net"),
        "a.net rollout go",
    );
    check(
        everywhere,
        &device("pump-1").on("x.net"),
        "a.net rollout go",
    );
    let fixed = of("acme/go | std | 100% | true");
    let rules = format!(
        "{FLEET} rules: hub\n acme/1 | b.net\n rollouts: to steps anew\n acme/go | std | 100% | true"
    );
    for current in ["a.net", "b.net", "c.net"] {
        let on = device("pump-1").on(current);
        assert_eq!(hub(&decided(&on, &policy(&rules))), "b.net");
        assert_ne!(hub(&decided(&on, &fixed)), "x.net");
    }
}

#[test]
fn an_aborted_rollout_places_nobody() {
    let aborted = |to: &str, from: &str, returns: &str| {
        format!(
            "acme/go | {to} | 100% | true | - | {from} | - | aborted | - | 2026-11-20 | {returns}"
        )
    };
    let on = |hub: &str| device("pump-1").on(hub);
    check(&aborted("std", "-", "false"), &on("a.net"), "a.net stay -");
    // Where the device came from is not known if every hub is in `to`.
    check(
        &aborted("std", "a.net", "true"),
        &on("b.net"),
        "b.net stay -",
    );
    check(
        &aborted("b.net", "a.net", "true"),
        &on("b.net"),
        "a.net rolloutReturn go",
    );
    // A running rollout that places the device comes before one that brings it back.
    let both = format!(
        "{} // acme/later | b.net | 100% | true",
        aborted("b.net", "a.net", "true")
    );
    check(&both, &on("b.net"), "b.net stay later");
}

fn near(location: &str) -> Device {
    device("truck-1")
        .through("near")
        .payload(json!({"location": location}))
}

#[test]
fn by_latency_devices_come_home() {
    let anew = "near/go | std | 100% | true";
    for current in ["a.net", "b.net", "c.net", "d.net"] {
        let is = decided(&near("berlin").on(current), &of(anew));
        assert!(["a.net", "b.net"].contains(&hub(&is)), "{is}");
        check(anew, &near("berlin").on(current), &is);
        let reason = if current == "c.net" {
            "stay"
        } else {
            "rollout"
        };
        check(
            anew,
            &near("boston").on(current),
            &format!("c.net {reason} go"),
        );
    }
}

/// Berlin: a 10, b 25, c 90. Boston: c 10, b 70, a 80.
#[test]
fn a_device_moves_only_if_it_gains_enough() {
    let gain = |ms: u16| format!("near/go | std | 100% | true | {ms}");
    let at = |place: &str, on: &str| near(place).on(on);
    check(&gain(60), &at("boston", "b.net"), "c.net rollout go");
    check(&gain(61), &at("boston", "b.net"), "b.net stay go");
    check(&gain(61), &at("boston", "a.net"), "c.net rollout go");
    check(&gain(70), &at("boston", "a.net"), "c.net rollout go");
    check(&gain(71), &at("boston", "a.net"), "a.net stay go");
    check(&gain(0), &at("boston", "c.net"), "c.net stay go");
    // Both are near; only one gains 70.
    check(&gain(70), &at("berlin", "c.net"), "a.net rollout go");
    check(&gain(15), &at("berlin", "a.net"), "a.net stay go");
    check(&gain(16), &at("berlin", "b.net"), "b.net stay go");
    // A new device, and one on a hub that is not open, gain in any case.
    check(&gain(1000), &near("boston"), "c.net rollout go");
    check(&gain(1000), &at("boston", "d.net"), "c.net rollout go");
    check(&gain(1000), &at("boston", "gone.net"), "c.net rollout go");
    // Its hub counts, also if the rollout does not lead there.
    let to_c = |ms: u16| format!("near/go | c.net | 100% | true | {ms}");
    check(&to_c(60), &at("boston", "b.net"), "c.net rollout go");
    check(&to_c(61), &at("boston", "b.net"), "b.net stay go");
    check(&to_c(0), &at("berlin", "a.net"), "a.net stay go");
    // Where it is, is not known: it stays.
    check(
        &gain(0),
        &device("truck-1").through("near").on("c.net"),
        "c.net stay go",
    );
    check(&gain(0), &at("atlantis", "c.net"), "c.net stay go");
}

/// A truck between two places that are a few milliseconds apart.
#[test]
fn a_truck_at_a_border_stays() {
    let fleet = FLEET.replace("| 20\n", "| 0\n");
    let fleet = fleet.replace(
        "latency: milliseconds\n",
        "latency: milliseconds\n east/westeurope | 20\n east/northeurope | 24\n west/westeurope | 24\n west/northeurope | 20\n",
    );
    let of = |gain: &str| {
        policy(&format!(
            "{fleet} rollouts: to steps anew minGainMs\n near/go | std | 100% | true | {gain}"
        ))
    };
    let trip = |policy: &Policy| {
        let mut on = "a.net".to_owned();
        let mut moves = 0;
        for place in ["west", "east", "west", "east"] {
            let is = decided(&near(place).on(&on), policy);
            moves += usize::from(hub(&is) != on);
            hub(&is).clone_into(&mut on);
        }
        moves
    };
    assert_eq!((trip(&of("-")), trip(&of("4")), trip(&of("5"))), (4, 4, 0));
}

#[test]
fn the_explanation_says_why() {
    let anew = of("near/go | std | 100% | true | 70");
    let explained = near("berlin").on("c.net").explained(&anew);
    let text = steps(&explained).join("\n");
    for expected in [
        "rollout: rollout go -> places the device again, at 100% [rollouts near/go]",
        "the hubs that are at least 70 ms nearer than c.net -> a.net",
    ] {
        assert!(text.contains(expected), "{text}");
    }
    assert_eq!(
        verdicts(&explained).join(", "),
        "a.net chosen, b.net gainTooSmall, c.net tooFar, d.net notInRollout, x.net notInPools"
    );
    let stays = near("boston")
        .on("b.net")
        .explained(&of("near/go | std | 100% | true | 61"));
    assert_eq!(decided_by(&stays), "rollouts near/go");
    let text = steps(&stays).join("\n");
    assert!(
        text.contains("none: the device keeps b.net, 70 ms away"),
        "{text}"
    );
}
