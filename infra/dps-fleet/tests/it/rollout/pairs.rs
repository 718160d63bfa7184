//! Where commands meet each other, windows and other rollouts.

use dps_allocation::tables::TableName;
use dps_fleet::rollout::{Command, Phase};

use crate::rollout::world::{A, B, C, STEPS, World, at, back, place};

/// The share of the pause counts for who can have moved, not that of the later stop.
#[test]
fn pause_and_then_return() {
    let mut world = World::new(&format!("steps={STEPS}"));
    world.give(&Command::Pause, "2026-12-02").unwrap();
    let moved = world.register("2026-12-02");
    world.give(&Command::ReturnNow, "2026-12-09").unwrap();
    world.check_state("2026-12-09", Phase::Returning, "30%");
    assert_eq!(world.register("2026-12-10"), moved);
}

#[test]
fn a_way_back_ends_with_a_stop() {
    let mut world = World::new(&format!("steps={STEPS}"));
    world.register("2026-12-02");
    world.give(&Command::ReturnNow, "2026-12-02").unwrap();
    world.give(&Command::Stop, "2026-12-02").unwrap();
    assert_eq!(world.register("2026-12-09"), [""; 0]);
    world.check_state("2026-12-09", Phase::Stopped, "30%");
}

/// The only target drains from the 10th to noon of the 11th: nobody moves then, and all that are
/// due move afterwards.
#[test]
fn resume_into_a_window() {
    let rollout = format!("acme|r|from={A}|to={B}|steps={STEPS}");
    let mut world = World::with(&[(TableName::Rollouts, &rollout)]);
    world.register("2026-12-01");
    world.give(&Command::Pause, "2026-12-01T12:00Z").unwrap();
    world.give(&Command::Resume, "2026-12-09T12:00Z").unwrap();
    let window = [
        ("state", "draining"),
        ("begins", "2026-12-10"),
        ("ends", "2026-12-11T12:00Z"),
    ];
    world.set(TableName::Hubs, "hub", B, &window);
    // 30 % are due on the 10th, 60 % on the 11th.
    for day in ["2026-12-10", "2026-12-11", "2026-12-11T11:59Z"] {
        assert_eq!(world.register(day), [""; 0], "{day}");
    }
    let moved = world.register("2026-12-11T12:00Z").len();
    assert!(moved.abs_diff(world.on.len() / 2) < 50, "{moved}");
}

/// A later rollout leads devices on from `b`; the way back does not take them from there.
#[test]
fn return_and_a_later_rollout() {
    let first = format!("acme|r|from={A}|to={B}|steps={STEPS}");
    let later = format!("acme|s|from={B}|to={C}|steps=2026-12-05=50%");
    for command in [Command::ReturnNow, back("100", "100%")] {
        let mut world =
            World::with(&[(TableName::Rollouts, &first), (TableName::Rollouts, &later)]);
        world.register("2026-12-02");
        world.give(&command, "2026-12-02T12:00Z").unwrap();
        // Nobody registers until the later one has begun, which then comes for its half: a planned
        // way back is a row before it, an unplanned one waits for what other rollouts do.
        world.register("2026-12-06");
        let settled = world.on.clone();
        for day in ["2026-12-07", "2027-01-01"] {
            assert_eq!(world.register(day), [""; 0], "{day}");
        }
        assert_eq!(world.on, settled);
        assert!(!world.devices(A).is_empty());
        let planned = matches!(command, Command::Return(_));
        assert_eq!(world.devices(C).is_empty(), planned);
        assert_eq!(world.devices(B), [""; 0]);
    }
}

/// A way back that is complete keeps its devices where they are: a new rollout gets them only once
/// it is stopped, and stopping it moves nobody.
#[test]
fn a_complete_way_back_is_stopped_before_the_next_rollout() {
    let first = format!("acme|r|from={A}|to={B}|steps={STEPS}");
    let next = format!("acme|t|from={A}|to={B}|steps=2026-12-10=100%");
    let mut world = World::with(&[(TableName::Rollouts, &first), (TableName::Rollouts, &next)]);
    let moved = world.register("2026-12-02");
    world.give(&back("100", "100%"), "2026-12-02").unwrap();
    assert_eq!(world.register("2026-12-03"), moved);
    world.register("2026-12-10");
    assert_eq!(world.devices(A), moved);
    world
        .give_to("r-return", &Command::Stop, "2026-12-11")
        .unwrap();
    assert_eq!(world.register("2026-12-11"), moved);
    assert_eq!(world.devices(A), [""; 0]);
}

/// New devices are not part of a way back.
#[test]
fn new_devices_are_placed_as_before() {
    let mut world = World::new("steps=100%");
    world.give(&back("100", "100%"), "2026-12-02").unwrap();
    let mut without = World::with(&[]);
    without.register("2026-12-03");
    for number in 0..50 {
        let id = format!("new-{number}");
        let now = at("2026-12-03");
        assert_eq!(
            place(&world.policy(), &id, None, now),
            place(&without.policy(), &id, None, now)
        );
    }
}
