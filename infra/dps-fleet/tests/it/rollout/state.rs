//! Where a rollout stands.

use dps_fleet::rollout::{Command, Phase, find};

use crate::rollout::world::{STEPS, World};

#[test]
fn the_phase_is_that_of_the_moment() {
    let mut world = World::new(&format!("steps={STEPS}"));
    world.check_state("2026-11-30", Phase::Planned, "0%");
    world.check_state("2026-12-02", Phase::Running, "30%");
    world.check_state("2026-12-04", Phase::Complete, "100%");
    world.give(&Command::Pause, "2026-12-02T12:00Z").unwrap();
    world.check_state("2026-12-04", Phase::Paused, "30%");
    world.give(&Command::Stop, "2026-12-05").unwrap();
    world.check_state("2026-12-06", Phase::Stopped, "30%");
    world.give(&Command::ReturnNow, "2026-12-06").unwrap();
    world.check_state("2026-12-06", Phase::Returning, "30%");
}

#[test]
fn the_next_step_and_the_end_are_told() {
    let status = World::new(&format!("steps={STEPS}")).status("2026-12-02T12:00Z");
    let (next, last) = (status.next.unwrap(), status.last.unwrap());
    assert_eq!((&*next.share, next.seconds), ("60%", 12 * 3600));
    assert_eq!((&*last.share, last.seconds), ("100%", 36 * 3600));
}

#[test]
fn a_rollout_is_found_by_id_or_with_its_tenant() {
    let world = World::new("steps=100%");
    let policy = world.policy();
    for id in ["r", "acme/r", "ACME/r"] {
        assert_eq!(find(&policy, id).unwrap().id(), "r");
    }
    let error = find(&policy, "q").unwrap_err().to_string();
    assert!(
        error.starts_with("`q` is not in the rollouts table"),
        "{error}"
    );
}
