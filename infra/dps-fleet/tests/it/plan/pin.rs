//! One device that is moved.

use dps_allocation::tables::{Canonical, TableName};
use dps_fleet::plan::{Pin, PlanError};

use crate::rollout::world::{A, B, C, World, at};

#[track_caller]
fn pinned(mut world: World, until: Option<&str>) -> World {
    let (tables, _) = Canonical::read(&world.tables);
    let mut pin = Pin::new("Pump-7", "c".to_owned()).unwrap();
    pin.until = until.map(at);
    for edit in pin.plan(&tables, at("2026-12-01")).unwrap().edits {
        world.write(&edit);
        world.policy();
    }
    world
}

#[test]
fn only_this_device_moves() {
    let mut world = pinned(World::with(&[]), None);
    assert_eq!(world.register("2026-12-01"), ["pump-7"]);
    assert_eq!(world.on["pump-7"], C);
    assert_eq!(world.register("2027-01-01"), [""; 0]);
}

#[test]
fn it_moves_whatever_other_rollouts_say() {
    let all = format!("*|all|from={A}|to={B}|steps=100%");
    let mut world = pinned(World::with(&[(TableName::Rollouts, &all)]), None);
    world.register("2026-12-01");
    assert_eq!(world.devices(C), ["pump-7"]);
}

#[test]
fn it_is_placed_again_at_the_end() {
    // Only `b` accepts new devices then.
    let mut world = pinned(World::with(&[]), Some("2026-12-10"));
    for hub in [A, C] {
        world.set(TableName::Hubs, "hub", hub, &[("weight", "0")]);
    }
    assert_eq!(world.register("2026-12-01"), ["pump-7"]);
    assert_eq!(world.register("2026-12-09"), [""; 0]);
    assert_eq!(world.register("2026-12-10"), ["pump-7"]);
    assert_eq!(world.on["pump-7"], B);
    assert_eq!(world.register("2027-01-01"), [""; 0]);
}

#[test]
fn it_is_moved_once() {
    let world = pinned(World::with(&[]), None);
    let (tables, _) = Canonical::read(&world.tables);
    let again = Pin::new("pump-7", "a".to_owned()).unwrap();
    let error = again.plan(&tables, at("2026-12-02")).unwrap_err();
    let expected = PlanError::Moved("*".to_owned(), "!move-pump-7".to_owned());
    assert_eq!(error.to_string(), expected.to_string());
}
