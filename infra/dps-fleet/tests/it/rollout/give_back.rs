//! A planned way back.

use dps_allocation::tables::TableName;
use dps_fleet::rollout::{Command, Phase};

use crate::rollout::world::{A, B, STEPS, World, back};

/// The devices come back by their share of those that moved.
#[test]
fn it_is_a_rollout_of_those_that_moved() {
    let mut world = World::new(&format!("steps={STEPS}"));
    let moved = world.register("2026-12-03");
    world
        .give(&back("50;100 every 1d", "100%"), "2026-12-03T12:00Z")
        .unwrap();
    world.check_state("2026-12-03T12:00Z", Phase::Stopped, "60%");
    let first = world.register("2026-12-03T12:00Z");
    assert!(first.iter().all(|id| moved.contains(id)));
    let half = moved.len() / 2;
    assert!(first.len().abs_diff(half) < 30, "{} of {half}", first.len());
    assert_eq!(world.register("2026-12-04T11:59Z"), [""; 0]);
    world.register("2026-12-04T12:00Z");
    assert_eq!(world.devices(B), [""; 0]);
    assert_eq!(world.register("2027-01-01"), [""; 0]);
}

#[test]
fn it_leaves_who_had_not_moved() {
    let mut world = World::new(&format!("steps={STEPS}"));
    let mut after = world.clone();
    after.register("2026-12-02");
    // Outside of the share, and on `b` from the beginning.
    let others: Vec<String> = after.devices(A).into_iter().take(40).collect();
    for id in &others {
        world.on.insert(id.clone(), B.to_owned());
    }
    world.register("2026-12-02");
    world.give(&back("100", "100%"), "2026-12-02").unwrap();
    world.register("2026-12-05");
    assert_eq!(world.devices(B), others);
}

#[test]
fn no_more_come_back_than_the_cap_allows() {
    let mut world = World::new(&format!("steps={STEPS}"));
    let moved = world.register("2026-12-03").len();
    world
        .give(&back("50;100 every 1d", "15%"), "2026-12-03")
        .unwrap();
    world.register("2027-01-01");
    let came_back = moved - world.devices(B).len();
    let cap = world.on.len() * 15 / 100;
    assert!(came_back > 0 && came_back.abs_diff(cap) < 25, "{came_back}");
}

#[test]
fn it_can_be_steered_like_any_rollout() {
    let mut world = World::new(&format!("steps={STEPS}"));
    world.register("2026-12-03");
    world
        .give(&back("10;100 every 1d", "100%"), "2026-12-03")
        .unwrap();
    world.register("2026-12-03");
    let left = world.devices(B);
    world
        .give_to("r-return", &Command::Stop, "2026-12-03T06:00Z")
        .unwrap();
    assert_eq!(world.register("2026-12-09"), [""; 0]);
    assert_eq!(world.devices(B), left);
}

#[test]
fn what_cannot_be_planned_is_told() {
    let said = |mut world: World| {
        let planned = world.give(&back("100", "100%"), "2026-11-01");
        planned.unwrap_err().to_string()
    };
    let early = said(World::new("steps=2026-12-01=10%"));
    assert!(early.contains("has reached no share yet"), "{early}");
    let row = format!("acme|r|to={B}|steps=100%");
    let open = said(World::with(&[(TableName::Rollouts, &row)]));
    assert!(open.contains("name the hubs with --to"), "{open}");
    let mut twice = World::new("steps=100%");
    twice.give(&back("100", "100%"), "2026-12-01").unwrap();
    let again = twice.give(&back("100", "100%"), "2026-12-02").unwrap_err();
    assert!(
        again.to_string().contains("as rollout `r-return`"),
        "{again}"
    );
}
