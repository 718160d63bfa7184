//! Rebalancing moves the least number of devices, in slices at each of which one can stop.

use std::collections::BTreeMap;

use dps_allocation::tables::{Canonical, TableName};
use dps_fleet::plan::{PlanError, Rebalance};
use dps_fleet::rollout::{Command, Schedule};

use crate::rollout::world::{A, B, C, World, at, place};

/// Hubs of these weights, and devices that were placed by them.
fn world(weights: [u16; 3]) -> World {
    let mut world = World::with(&[]);
    for (hub, weight) in [A, B, C].into_iter().zip(weights) {
        world.set(
            TableName::Hubs,
            "hub",
            hub,
            &[("weight", &weight.to_string())],
        );
    }
    let policy = world.policy();
    for (id, hub) in &mut world.on {
        *hub = place(&policy, id, None, at("2026-11-01"));
    }
    world
}

fn rebalance(weights: [u16; 3], loads: Option<[u64; 3]>, schedule: Schedule) -> Rebalance {
    let loads = loads.map(|loads| {
        ["a", "b", "c"]
            .map(str::to_owned)
            .into_iter()
            .zip(loads)
            .collect()
    });
    Rebalance {
        tenant: None,
        weights: ["a", "b", "c"]
            .map(str::to_owned)
            .into_iter()
            .zip(weights)
            .collect(),
        loads,
        schedule,
        id: None,
    }
}

fn loads(world: &World) -> [u64; 3] {
    [A, B, C].map(|hub| world.devices(hub).len() as u64)
}

#[track_caller]
fn write(world: &mut World, plan: &Rebalance, now: &str) {
    let (tables, _) = Canonical::read(&world.tables);
    let plan = plan.plan(&world.policy(), &tables, at(now)).unwrap();
    for edit in &plan.edits {
        world.write(edit);
        // Each edit leaves valid tables.
        world.policy();
    }
}

/// The moves until the end, and how many would have been enough.
#[track_caller]
fn check(before: [u16; 3], after: [u16; 3], schedule: &Schedule) {
    let mut world = world(before);
    let (count, first) = (world.on.len() as u64, loads(&world));
    write(
        &mut world,
        &rebalance(after, Some(first), schedule.clone()),
        "2026-12-01",
    );
    let mut moves: BTreeMap<String, u32> = BTreeMap::new();
    for hour in (0..(10 * 24)).step_by(6) {
        let now = format!("2026-12-{:02}T{:02}:00Z", 1 + hour / 24, hour % 24);
        for id in world.register(&now) {
            *moves.entry(id).or_default() += 1;
        }
    }
    let last = loads(&world);
    let fewest: u64 = first
        .iter()
        .zip(last)
        .map(|(a, b)| a.saturating_sub(b))
        .sum();
    let all: u32 = moves.values().sum();
    assert_eq!(
        u64::from(all),
        fewest,
        "{before:?} {after:?}: {first:?} {last:?}"
    );
    assert!(
        moves.values().all(|times| *times == 1),
        "nobody moves twice"
    );
    let whole: u16 = after.iter().sum();
    for (load, weight) in last.into_iter().zip(after) {
        let wanted = count * u64::from(weight) / u64::from(whole);
        // Whole devices, chosen by a hash.
        assert!(load.abs_diff(wanted) <= count / 20, "{after:?}: {last:?}");
    }
}

#[test]
fn the_number_of_moves_is_the_least_possible() {
    let slices = Schedule::parse(None, None).unwrap();
    let even = Schedule::parse(None, Some("7d")).unwrap();
    for schedule in [&slices, &even] {
        check([1, 1, 1], [2, 1, 1], schedule);
        check([1, 1, 1], [1, 2, 2], schedule);
        check([4, 1, 1], [1, 4, 1], schedule);
        check([4, 1, 1], [1, 2, 3], schedule);
        check([2, 2, 0], [1, 1, 1], schedule);
        check([1, 1, 1], [5, 1, 0], schedule);
    }
}

/// Which device goes where does not depend on when it registers.
#[test]
fn late_devices_go_to_the_same_hubs() {
    let slices = Schedule::parse(None, None).unwrap();
    let mut early = world([4, 1, 1]);
    write(
        &mut early,
        &rebalance([1, 2, 3], None, slices),
        "2026-12-01",
    );
    let mut late = early.clone();
    for day in ["2026-12-01", "2026-12-03", "2026-12-05", "2026-12-07"] {
        early.register(day);
    }
    late.register("2026-12-07");
    assert_eq!(early.on, late.on);
}

#[test]
fn one_can_stop_at_each_slice() {
    let (before, after) = ([4, 1, 1], [1, 2, 3]);
    let slices = Schedule::parse(None, None).unwrap();
    for day in ["2026-12-01", "2026-12-03", "2026-12-05"] {
        let mut world = world(before);
        let first = loads(&world);
        write(
            &mut world,
            &rebalance(after, None, slices.clone()),
            "2026-12-01",
        );
        world.register(day);
        let ids: Vec<String> = world
            .policy()
            .rollouts()
            .map(|it| it.id().to_owned())
            .collect();
        for id in ids {
            world.give_to(&id, &Command::Stop, day).unwrap();
        }
        let stopped = loads(&world);
        assert_eq!(world.register("2027-01-01"), [""; 0], "{day}");
        let [a, b, c] = stopped;
        assert!(
            a < first[0] && b >= first[1] && c >= first[2],
            "{first:?} {stopped:?}"
        );
    }
}

#[test]
fn new_devices_follow_the_new_weights_at_once_and_nobody_else_moves() {
    let mut world = world([1, 1, 1]);
    let later = Schedule::parse(Some("100"), None).unwrap();
    write(&mut world, &rebalance([1, 3, 0], None, later), "2026-12-20");
    assert_eq!(world.register("2026-12-19"), [""; 0]);
    let policy = world.policy();
    for number in 0..100 {
        let hub = place(&policy, &format!("new-{number}"), None, at("2026-12-19"));
        assert_ne!(hub, C);
    }
}

#[test]
fn what_cannot_be_balanced_says_why() {
    let schedule = || Schedule::parse(None, None).unwrap();
    let said = |world: &World, plan: &Rebalance| -> PlanError {
        let (tables, _) = Canonical::read(&world.tables);
        plan.plan(&world.policy(), &tables, at("2026-12-01"))
            .unwrap_err()
    };
    let even = world([1, 1, 1]);
    assert_eq!(
        said(&even, &rebalance([1, 1, 1], None, schedule())),
        PlanError::Balanced
    );
    assert_eq!(
        said(&even, &rebalance([0, 0, 0], None, schedule())),
        PlanError::NoWeight
    );
    let emptied = rebalance([0, 1, 1], None, schedule());
    assert_eq!(said(&even, &emptied), PlanError::OnlyTargets);
    // A hub beside them that the tenant may not use is none.
    let mut walled = even.clone();
    walled.set(
        TableName::Hubs,
        "hub",
        "d.azure-devices.net",
        &[("pools", "x")],
    );
    for hub in [A, B, C] {
        walled.set(TableName::Hubs, "hub", hub, &[("pools", "y")]);
    }
    walled.set(TableName::Tenants, "tenant", "acme", &[("pools", "y")]);
    assert_eq!(said(&walled, &emptied), PlanError::OnlyTargets);
    let one = Rebalance {
        weights: vec![("a".to_owned(), 1)],
        ..rebalance([1, 1, 1], None, schedule())
    };
    assert_eq!(said(&even, &one), PlanError::TooFew(1));
    let mut limited = even.clone();
    limited.set(TableName::Hubs, "hub", A, &[("pools", "x")]);
    limited.set(TableName::Tenants, "tenant", "acme", &[("pools", "x")]);
    let uneven = said(&limited, &rebalance([2, 1, 1], None, schedule())).to_string();
    assert!(uneven.contains("tenant `acme` may not use `b`"), "{uneven}");
    // Also where it is the hub that says so.
    let mut theirs = even;
    theirs.set(TableName::Tenants, "tenant", "other", &[]);
    theirs.set(TableName::Hubs, "hub", B, &[("tenants", "other")]);
    let uneven = said(&theirs, &rebalance([2, 1, 1], None, schedule())).to_string();
    assert!(uneven.contains("tenant `acme` may not use `b`"), "{uneven}");
}

/// Hubs that are not balanced keep their weight, and get the new devices.
#[test]
fn hubs_beside_them_may_be_the_only_ones_that_keep_a_weight() {
    let mut world = world([1, 1, 1]);
    world.set(
        TableName::Hubs,
        "hub",
        "d.azure-devices.net",
        &[("weight", "1")],
    );
    let emptied = rebalance([0, 1, 1], None, Schedule::parse(Some("100"), None).unwrap());
    let (tables, _) = Canonical::read(&world.tables);
    let plan = emptied
        .plan(&world.policy(), &tables, at("2026-12-01"))
        .unwrap();
    for edit in &plan.edits {
        world.write(edit);
    }
    // The tables have no errors, or this panics.
    world.policy();
    world.register("2026-12-02");
    assert_eq!(world.devices(A), [""; 0]);
}
