//! A share never splits a group, and all of its devices get the same hub.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dps_allocation::{Decision, Policy};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::HUBS;
use crate::fleet::{Device, policy};

#[derive(Clone, Debug)]
struct Move {
    from: Option<usize>,
    to: [usize; 2],
    share: u32,
    cohort: &'static str,
    state: &'static str,
    salt: &'static str,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = (
        prop::option::of(0..HUBS.len()),
        [0..HUBS.len(), 0..HUBS.len()],
        0..=100_000_u32,
        select(&["new", "existing", "all"][..]),
        select(&["running", "running", "paused", "aborted"][..]),
        select(&["-", "s1", "s2"][..]),
    );
    let one = one.prop_map(|(from, to, share, cohort, state, salt)| Move {
        from,
        to,
        share,
        cohort,
        state,
        salt,
    });
    prop::collection::vec(one, 0..4)
}

/// How a device tells its group: in its row, in its payload, or by its id.
const WAYS: [&str; 3] = ["-", "payload.building", "registrationId.split('.')[0]"];

fn tables(way: usize, weights: &[u16], moves: &[Move], groups: &[String]) -> Policy {
    let mut text = "hubs: weight\n".to_owned();
    for (hub, weight) in HUBS.iter().zip(weights) {
        writeln!(text, "{hub} | {weight}").unwrap();
    }
    let from = WAYS[way];
    writeln!(
        text,
        "enrollments: tenants deviceRows\ngroup | acme | optional"
    )
    .unwrap();
    writeln!(text, "tenants: groupFrom\nacme | {from}").unwrap();
    writeln!(
        text,
        "rollouts: to steps from cohort state salt pausedAt return abortedAt"
    )
    .unwrap();
    for (number, it) in moves.iter().enumerate() {
        let hubs = it.to.map(|hub| HUBS[hub]).join(";");
        let share = format!("{}.{:03}%", it.share / 1000, it.share % 1000);
        let hub = it.from.map_or("-", |hub| HUBS[hub]);
        let (paused, aborted) = match it.state {
            "paused" => ("2026-11-01", "-"),
            "aborted" => ("-", "2026-11-01"),
            _ => ("-", "-"),
        };
        writeln!(
            text,
            "*/{number} | {hubs} | {share} | {hub} | {} | {} | {} | {paused} | {} | {aborted}",
            it.cohort,
            it.state,
            it.salt,
            it.state == "aborted",
        )
        .unwrap();
    }
    writeln!(text, "devices: group").unwrap();
    if way == 0 {
        for group in groups {
            for leaf in 0..LEAVES {
                writeln!(text, "{group}.{leaf} | {}", group.to_uppercase()).unwrap();
            }
        }
    }
    policy(&text)
}

const LEAVES: usize = 4;

/// The hub, reason and rollout of a device.
fn decided(
    policy: &Policy,
    group: &str,
    leaf: usize,
    on: Option<&str>,
) -> (String, String, String) {
    let mut device = Device::new(&format!("{group}.{leaf}"))
        .linked(&HUBS)
        .payload(json!({"building": group, "leaf": leaf}))
        .with_row();
    if let Some(hub) = on {
        device = device.on(hub);
    }
    device.decide(policy, |decision| match decision {
        Decision::Assigned(assignment) => (
            assignment.hub.to_owned(),
            assignment.reason.as_str().to_owned(),
            assignment.rollout.unwrap_or_default().to_owned(),
        ),
        other => panic!("{other:?}"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_share_never_splits_a_group(
        way in 0..WAYS.len(),
        weights in prop::collection::vec(1..5_u16, HUBS.len()),
        moves in moves(),
        groups in prop::collection::btree_set("[a-z][a-z0-9-]{0,8}", 1..6),
        on in prop::option::of(select(&HUBS[..])),
    ) {
        let groups: Vec<String> = groups.into_iter().collect();
        let policy = tables(way, &weights, &moves, &groups);
        let mut of: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
        for group in &groups {
            for leaf in 0..LEAVES {
                let once = decided(&policy, group, leaf, on);
                // Where it comes to rest does not split the group either.
                let twice = decided(&policy, group, leaf, Some(&once.0));
                of.entry(group).or_default().insert((once, twice));
            }
        }
        for (group, decisions) in of {
            prop_assert_eq!(decisions.len(), 1, "{}: {:?}", group, decisions);
        }
    }
}

/// Half of the devices of a building, and half of the buildings.
#[test]
fn a_rollout_takes_its_share_of_the_groups() {
    let groups: Vec<String> = (0..400)
        .map(|number| format!("building-{number}"))
        .collect();
    let half = Move {
        from: None,
        to: [0, 0],
        share: 50_000,
        cohort: "existing",
        state: "running",
        salt: "-",
    };
    let policy = tables(1, &[1; 8], &[half], &groups);
    let taken = groups.iter().filter(|group| {
        let leaves = (0..LEAVES).map(|leaf| decided(&policy, group, leaf, Some("h2.net")).0);
        let hubs: BTreeSet<String> = leaves.collect();
        assert_eq!(hubs.len(), 1, "{group}");
        hubs.contains("h1.net")
    });
    let taken = taken.count();
    // Four standard deviations of 400 throws.
    assert!((160..=240).contains(&taken), "{taken}");
}
