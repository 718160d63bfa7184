//! Rollouts with `anew` under windows, `also` rules and pins, and with groups.

use dps_allocation::Policy;
use serde_json::json;

use super::check;
use crate::fleet::{Device, findings, policy};

const ALL: [&str; 4] = ["a.net", "b.net", "c.net", "d.net"];

const FLEET: &str = "
    enrollments: tenants deviceRows
    group | acme | optional
    tenants: groupFrom
    acme | payload.building
    devices: group
    in-row | gw-1
";

/// Devices are placed on `a.net`, unless something names the others.
fn fleet(more: &str) -> String {
    format!(
        "{FLEET}
        hubs: pools weight state begins ends
        a.net | std;left | 1
        b.net | std;right | 0
        c.net | new | 1
        {more}"
    )
}

/// From 2026-12-02 to 2026-12-04 the rule refuses.
#[test]
fn a_refusal_for_a_time_comes_before_anew() {
    let tables = fleet(
        "rules: mode refuse begins ends
        */1 | also | true | 2026-12-02 | 2026-12-04
        rollouts: to steps anew
        acme/go | c.net | 100% | true",
    );
    check(
        &tables,
        &ALL,
        "
        a | group | - | a.net | 01 => c.net rollout
        a | group | - | a.net | 02 => refusedByRule
        a | group | - | c.net | 03 => refusedByRule
        a | group | - | a.net | 04 => c.net rollout
        a | group | - | c.net | 04 => c.net stay
    ",
    );
}

/// `d.net` is the only one of `to` with a weight, and drains from 2026-12-02 to 2026-12-04.
#[test]
fn a_hub_that_drains_for_a_time_gets_its_devices_back() {
    let tables = fleet(
        "d.net | std | 5 | draining | 2026-12-02 | 2026-12-04
        rollouts: to steps anew
        acme/go | b.net;d.net | 100% | true",
    );
    check(
        &tables,
        &ALL,
        "
        a | group | - | d.net | 01 => d.net stay
        a | group | - | a.net | 01 => d.net rollout
        a | group | - | d.net | 02 => b.net rollout
        a | group | - | a.net | 03 => b.net rollout
        a | group | - | - | 03 => b.net rollout
        a | group | - | b.net | 04 => d.net rollout
        a | group | - | d.net | 04 => d.net stay
    ",
    );
}

#[test]
fn that_devices_would_move_twice_is_a_warning() {
    let found = |rollout: &str| {
        let tables = fleet(&format!(
            "d.net | std | 5 | draining | 2026-12-02 | 2026-12-04
            rollouts: to steps anew cohort state abortedAt
            acme/go | {rollout}"
        ));
        findings(&tables).contains(
            "column anew: d.net drains for a time: with `anew`, devices leave it when \
             that begins and come back when it ends; take the hub out of `to`, or let it drain without `begins` \
             and `ends`",
        )
    };
    assert!(found("b.net;d.net | 100% | true"));
    assert!(found("std | 1% | true | existing"));
    // Devices on it stay there, or none is placed again.
    assert!(!found("d.net | 100% | true"));
    assert!(!found("b.net;d.net | 100%"));
    assert!(!found("b.net;c.net | 100% | true"));
    assert!(!found("b.net;d.net | 100% | true | new"));
    assert!(!found(
        "b.net;d.net | 100% | true | - | aborted | 2026-12-01"
    ));
}

#[test]
fn also_rules_narrow_what_anew_places_among() {
    let rules = |rows: &str| {
        fleet(&format!(
            "rules: mode when pools refuse hub\n{rows}\n\
             rollouts: to steps anew\n acme/go | a.net;b.net | 100% | true"
        ))
    };
    let left = "*/1 | also | payload.side == \"left\" | left";
    let both = format!("{left}\n acme/2 | also | payload.side != \"none\" | std");
    let here = |rows: &str, cases: &str| check(&rules(rows), &ALL, cases);
    here(
        &both,
        r#"
        a | group | {"side": "left"} | b.net | - => a.net rollout
        a | group | {"side": "left"} | a.net | - => a.net stay
        a | group | {"side": "left"} | c.net | - => a.net rollout
        a | group | {"side": "left"} | - | - => a.net rollout
    "#,
    );
    // The intersection has no hub of the rollout, so it is not in it.
    let new = format!("{left}\n acme/2 | also | - | new;right");
    here(
        &new,
        r#"
        a | group | {"side": "right"} | c.net | - => b.net rollout
        a | group | {"side": "left"} | c.net | - => noEligibleHub
    "#,
    );
    here(
        "acme/2 | also | - | new",
        "
        a | group | - | c.net | - => c.net stay
        a | group | - | b.net | - => c.net weighted
        a | group | - | - | - => c.net weighted
    ",
    );
    let refuses = "*/1 | also | payload.recalled == true | - | true";
    here(
        refuses,
        r#"
        a | group | {"recalled": true} | b.net | - => refusedByRule
        a | group | {"recalled": false} | b.net | - => a.net rollout
    "#,
    );
    // What a first rule fixes comes before the rollout, and the also rule before both.
    here(
        &format!("{left}\n acme/5 | first | - | - | - | b.net"),
        r#"
        a | group | {"side": "right"} | a.net | - => b.net rollout
        a | group | {"side": "left"} | a.net | - => noEligibleHub
    "#,
    );
}

/// `old.net` is draining, and a rollout of the tenant keeps devices there; one of `*` empties it.
#[test]
fn also_rules_come_before_an_evacuation() {
    let tables = |rules: &str| {
        format!(
            "hubs: pools state
            old.net | eu;us | draining
            eu.net | eu
            us.net | us
            enrollments: tenants
            group | acme
            tenants:
            acme
            rules: mode pools refuse
            {rules}
            rollouts: to steps from
            acme/1 | old.net | 100%
            */9 | us.net | 100% | old.net"
        )
    };
    let linked = ["old.net", "eu.net", "us.net"];
    let here = |rules: &str, expected: &str| {
        let case = format!("a | group | - | old.net | - => {expected}");
        check(&tables(rules), &linked, &case);
    };
    here("", "us.net rollout");
    here("*/1 | also | us", "us.net rollout");
    // It may not go where the evacuation leads.
    here("*/1 | also | eu", "old.net stay");
    here("*/1 | also | eu;us\n */2 | also | eu", "old.net stay");
    here(
        "*/1 | also | eu;us\n */2 | also | - | true",
        "refusedByRule",
    );
}

const GROUPS: [&str; 6] = ["gw-1", "building-7", "42", "vin:wvw-1", "x", "annex"];

fn member(id: &str, building: &str) -> Device {
    let device = Device::new(id).linked(&ALL).with_row();
    device.payload(json!({"building": building}))
}

/// The hub of the answer.
fn hub(device: Device, policy: &Policy) -> String {
    let decided = device.decided(policy);
    decided.split(' ').next().unwrap().to_owned()
}

/// Four equal hubs; the rollout leads to three of them.
fn equal(rollout: &str) -> Policy {
    policy(&format!(
        "{FLEET}
        hubs: pools
        a.net | std
        b.net | std
        d.net | std
        c.net
        rollouts: to steps anew include exclude
        {rollout}"
    ))
}

#[test]
fn anew_never_splits_a_group() {
    for share in ["0%", "20%", "50%", "80%", "100%"] {
        let policy = equal(&format!("acme/go | std | {share} | true"));
        let all = equal("acme/go | std | 100% | true");
        let mut kinds = [0, 0];
        for group in GROUPS {
            // Where the device would be whose id is the text of the group.
            let alone = Device::new(group).linked(&ALL).on("c.net");
            let expected = hub(alone.clone(), &policy);
            kinds[usize::from(expected == "c.net")] += 1;
            for id in ["a", "b", "leaf-3"] {
                assert_eq!(
                    hub(member(id, group).on("c.net"), &policy),
                    expected,
                    "{group} {id}"
                );
                assert_eq!(
                    hub(member(id, group), &all),
                    hub(alone.clone(), &all),
                    "{group} {id}"
                );
                // Those on different hubs come together, and none moves again.
                for on in ALL {
                    let first = hub(member(id, group).on(on), &all);
                    assert_eq!(first, hub(alone.clone(), &all), "{group} {id} {on}");
                    let again = member(id, group).on(&first).decided(&all);
                    assert_eq!(again, format!("{first} stay"), "{group} {id} {on}");
                }
            }
        }
        let expected = match share {
            "0%" => kinds[0] == 0,
            "100%" => kinds[1] == 0,
            "50%" => kinds[0] > 0 && kinds[1] > 0,
            _ => true,
        };
        assert!(expected, "{share}: {kinds:?}");
    }
    let all = equal("acme/go | std | 100% | true");
    let in_row = hub(
        Device::new("in-row").linked(&ALL).with_row().on("c.net"),
        &all,
    );
    assert_eq!(in_row, hub(member("a", "gw-1").on("b.net"), &all));
}

/// Pins name ids. Where a pinned device goes, the hash of its group says.
#[test]
fn a_pin_takes_one_device_of_a_group() {
    let included = equal("acme/go | std | 0% | true | a");
    let excluded = equal("acme/go | std | 100% | true | - | a");
    let all = equal("acme/go | std | 100% | true");
    let named = equal("acme/go | std | 0% | true | gw-1");
    for group in GROUPS {
        let of_group = hub(member("other", group).on("c.net"), &all);
        let is_on = |id: &str, policy| hub(member(id, group).on("c.net"), policy);
        assert_eq!(is_on("a", &included), of_group, "{group}");
        assert_eq!(is_on("b", &included), "c.net", "{group}");
        assert_eq!(is_on("a", &excluded), "c.net", "{group}");
        assert_eq!(is_on("b", &excluded), of_group, "{group}");
        assert_eq!(is_on("a", &named), "c.net", "{group}: a pin names no group");
    }
}
