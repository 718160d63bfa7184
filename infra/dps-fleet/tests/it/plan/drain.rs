//! Emptying a hub by a date.

use dps_allocation::tables::{Canonical, TableName};
use dps_fleet::plan::{Drain, Plan, PlanError};

use crate::rollout::world::{A, B, C, World, at, place};

fn drain(world: &World, by: &str) -> Result<Plan, PlanError> {
    let (tables, _) = Canonical::read(&world.tables);
    let drain = Drain {
        hub: "a".to_owned(),
        by: at(by),
        to: None,
        id: None,
    };
    drain.plan(&world.policy(), &tables, at("2026-12-01"))
}

#[test]
fn the_hub_is_empty_by_the_date() {
    let mut world = World::with(&[]);
    for edit in drain(&world, "2026-12-11").unwrap().edits {
        world.write(&edit);
    }
    let policy = world.policy();
    for number in 0..50 {
        assert_ne!(
            place(&policy, &format!("new-{number}"), None, at("2026-12-01")),
            A
        );
    }
    world.register("2026-12-06");
    let half = world.devices(A).len();
    assert!(half.abs_diff(world.on.len() / 2) < 40, "{half}");
    world.register("2026-12-11");
    assert_eq!(world.devices(A), [""; 0]);
    assert!(!world.devices(B).is_empty() && !world.devices(C).is_empty());
}

/// Even devices that an earlier rollout has led there, and keeps there.
#[test]
fn an_earlier_rollout_does_not_hold_its_devices() {
    let earlier = format!("acme|1|from={B}|to={A}|steps=100%");
    let mut world = World::with(&[(TableName::Rollouts, &earlier)]);
    let plan = drain(&world, "2026-12-11").unwrap();
    assert_eq!(plan.notes, [""; 0]);
    for edit in &plan.edits {
        world.write(edit);
    }
    world.register("2026-12-12");
    assert_eq!(world.devices(A), [""; 0]);
    assert_eq!(world.register("2026-12-13"), [""; 0]);
}

#[test]
fn what_cannot_be_drained_says_why() {
    let world = World::with(&[]);
    let late = drain(&world, "2026-11-01").unwrap_err().to_string();
    assert!(late.contains("has passed already"), "{late}");
    let mut alone = world.clone();
    for hub in [B, C] {
        alone.set(TableName::Hubs, "hub", hub, &[("state", "draining")]);
    }
    let nowhere = drain(&alone, "2026-12-11").unwrap_err();
    assert_eq!(nowhere, PlanError::NowhereToGo("a".to_owned()));
}
