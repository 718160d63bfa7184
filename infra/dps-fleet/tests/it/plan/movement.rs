//! A planned movement.

use dps_allocation::tables::{Canonical, TableName};
use dps_fleet::plan::{Movement, Plan, PlanError};
use dps_fleet::rollout::{Command, Schedule};

use crate::rollout::world::{A, B, C, World, at};

fn movement(from: &str, to: &str) -> Movement {
    Movement {
        id: None,
        tenant: None,
        from: from.to_owned(),
        to: to.to_owned(),
        schedule: Schedule::parse(None, None).unwrap(),
    }
}

fn plan(world: &World, movement: &Movement) -> Result<Plan, PlanError> {
    let (tables, _) = Canonical::read(&world.tables);
    movement.plan(&world.policy(), &tables, at("2026-12-01"))
}

#[test]
fn devices_move_by_its_shares() {
    let mut world = World::with(&[]);
    let plan = plan(&world, &movement("a", "b;c")).unwrap();
    assert_eq!(plan.edits[0].row, "2026-12-01-from-a");
    assert_eq!(plan.notes, [""; 0]);
    for edit in &plan.edits {
        world.write(edit);
    }
    assert_eq!(world.register("2026-11-30"), [""; 0]);
    let mut left = Vec::new();
    for day in ["2026-12-01", "2026-12-03", "2026-12-05", "2026-12-07"] {
        world.register(day);
        left.push(world.devices(A).len() * 100 / world.on.len());
    }
    let expected = [95, 75, 50, 0];
    let close = left
        .iter()
        .zip(expected)
        .all(|(left, wanted)| left.abs_diff(wanted) <= 5);
    assert!(close, "{left:?}");
    assert!(!world.devices(B).is_empty() && !world.devices(C).is_empty());
}

#[test]
fn pools_and_tenants_can_be_named() {
    let mut world = World::with(&[]);
    world.set(TableName::Hubs, "hub", B, &[("pools", "us")]);
    let of_tenant = Movement {
        tenant: Some("Acme".to_owned()),
        id: Some("go".to_owned()),
        ..movement("A", "us")
    };
    let plan = plan(&world, &of_tenant).unwrap();
    let edit = &plan.edits[0];
    assert_eq!((&*edit.partition, &*edit.row), ("acme", "go"));
    assert!(edit.cells.contains(&("to", "us".to_owned())));
}

/// A note names a rollout that keeps devices on a hub of `from`, unless it was stopped.
#[test]
fn rollouts_that_keep_devices_are_named() {
    let first = format!("*|1-first|from={A}|to={B}|steps=100%");
    let mut world = World::with(&[(TableName::Rollouts, &first)]);
    world.register("2026-11-01");
    let blocked = plan(&world, &movement("b", "c")).unwrap();
    assert!(
        blocked.notes[0].starts_with("rollout */1-first comes first"),
        "{:?}",
        blocked.notes
    );
    world
        .give_to("1-first", &Command::Stop, "2026-11-30")
        .unwrap();
    let free = plan(&world, &movement("b", "c")).unwrap();
    assert_eq!(free.notes, [""; 0]);
    world.write(&free.edits[0]);
    world.register("2026-12-07");
    assert_eq!(world.devices(B), [""; 0]);
}

#[test]
fn what_cannot_be_planned_says_why() {
    let first = "*|2026-12-01-from-a|to=b.azure-devices.net|steps=100%";
    let world = World::with(&[(TableName::Rollouts, first)]);
    let said = |it: &Movement| plan(&world, it).unwrap_err().to_string();
    assert!(said(&movement("q", "b")).starts_with("`q` is neither a hub of the tables nor a pool"));
    assert!(said(&movement("a", "b;a")).starts_with("`a` is in --from and in --to"));
    assert!(said(&movement("a", "b")).contains("there is a rollout `2026-12-01-from-a` already"));
    let nobody = Movement {
        tenant: Some("nobody".to_owned()),
        ..movement("a", "b")
    };
    assert_eq!(said(&nobody), "`nobody` is not in the tenants table");
}
