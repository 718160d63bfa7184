//! Each command does to devices what its name says.

use dps_fleet::rollout::{Command, Phase};

use crate::rollout::world::{A, B, STEPS, World};

const PROMOTE: Command = Command::Promote { full: false };
const FULL: Command = Command::Promote { full: true };

/// Once all have registered at the share of the pause, nobody moves any more.
#[test]
fn pause_moves_nobody_beyond_the_share_that_is_reached() {
    for ramp in ["step", "linear"] {
        let mut world = World::new(&format!("steps={STEPS}|ramp={ramp}"));
        let first = world.register("2026-12-02T12:00Z").len();
        assert!(first > 80, "{first}");
        world.give(&Command::Pause, "2026-12-02T12:00Z").unwrap();
        for day in ["2026-12-02T12:00Z", "2026-12-03", "2027-06-01"] {
            assert_eq!(world.register(day), [""; 0], "{ramp} {day}");
        }
    }
}

/// The share at any time after the pause is the one that the schedule had, had there been no pause.
#[test]
fn resume_continues_where_it_stood() {
    let hours = |world: &World, day: u32, hour: u32| {
        world
            .status(&format!("2026-12-{day:02}T{hour:02}:00Z"))
            .share
    };
    for (ramp, steps) in [
        ("step", STEPS),
        ("linear", STEPS),
        ("linear", "20% 2026-12-03=60% 2026-12-04=100%"),
    ] {
        let plan = World::new(&format!("steps={steps}|ramp={ramp}"));
        let mut world = plan.clone();
        world.give(&Command::Pause, "2026-12-02T09:00Z").unwrap();
        world.give(&Command::Resume, "2026-12-12T09:00Z").unwrap();
        assert_eq!(
            world.status("2026-12-12T09:00Z").share,
            plan.status("2026-12-02T09:00Z").share
        );
        for day in 2..8 {
            for hour in [0, 8, 9, 10, 23] {
                if (day, hour) >= (2, 9) {
                    assert_eq!(
                        hours(&world, day + 10, hour),
                        hours(&plan, day, hour),
                        "{ramp} {steps} {day} {hour}"
                    );
                }
            }
        }
    }
}

#[test]
fn resume_moves_the_devices_that_the_pause_held_back() {
    let mut world = World::new(&format!("steps={STEPS}"));
    world.give(&Command::Pause, "2026-12-02T12:00Z").unwrap();
    world.register("2026-12-10");
    let held = world.devices(A).len();
    world.give(&Command::Resume, "2026-12-10").unwrap();
    assert_eq!(world.register("2026-12-10"), [""; 0]);
    // Half a day was left until 60 %, and a day more until all.
    assert_eq!(world.register("2026-12-10T11:59Z"), [""; 0]);
    let moved = world.register("2026-12-10T12:00Z").len();
    assert!(moved > 0 && moved < held, "{moved} of {held}");
    world.register("2026-12-11T12:00Z");
    assert_eq!(world.devices(A), [""; 0]);
}

#[test]
fn promote_brings_the_next_step_and_keeps_the_distances() {
    for ramp in ["step", "linear"] {
        let mut world = World::new(&format!("steps={STEPS}|ramp={ramp}"));
        world.give(&PROMOTE, "2026-12-01T06:00Z").unwrap();
        world.check_state("2026-12-01T06:00Z", Phase::Running, "30%");
        world.check_state("2026-12-02T06:00Z", Phase::Running, "60%");
        world.check_state("2026-12-03T06:00Z", Phase::Complete, "100%");
        // Twice in one second.
        world.give(&PROMOTE, "2026-12-01T06:00Z").unwrap();
        world.check_state("2026-12-01T06:00Z", Phase::Running, "60%");
    }
    let mut world = World::new(&format!("steps={STEPS}"));
    world.give(&FULL, "2026-12-01T06:00Z").unwrap();
    world.check_state("2026-12-01T06:00Z", Phase::Complete, "100%");
    assert_eq!(world.register("2026-12-01T06:00Z").len(), world.on.len());
}

#[test]
fn promote_begins_a_rollout_early() {
    let mut world = World::new(&format!("steps={STEPS}"));
    world.give(&PROMOTE, "2026-11-20").unwrap();
    world.check_state("2026-11-20", Phase::Running, "10%");
    world.check_state("2026-11-23", Phase::Complete, "100%");
}

#[test]
fn stop_keeps_who_moved_and_moves_nobody_else() {
    let mut world = World::new(&format!("steps={STEPS}|return=true"));
    world.register("2026-12-02");
    let moved = world.devices(B);
    world.give(&Command::Stop, "2026-12-02T12:00Z").unwrap();
    for day in ["2026-12-02T12:00Z", "2026-12-04", "2027-06-01"] {
        assert_eq!(world.register(day), [""; 0], "{day}");
    }
    assert_eq!(world.devices(B), moved);
}

/// A device within the share that has not registered: a pause moves it, a stop does not.
#[test]
fn a_pause_is_no_stop() {
    let mut paused = World::new(&format!("steps={STEPS}"));
    let mut stopped = paused.clone();
    paused.give(&Command::Pause, "2026-12-02").unwrap();
    stopped.give(&Command::Stop, "2026-12-02").unwrap();
    assert!(!paused.register("2026-12-09").is_empty());
    assert_eq!(stopped.register("2026-12-09"), [""; 0]);
}

#[test]
fn return_brings_back_who_moved_and_nobody_else() {
    let mut world = World::new(&format!("steps={STEPS}"));
    // These were on `b` before, and outside of the share.
    let others: Vec<String> = {
        let mut complete = world.clone();
        complete.register("2026-12-02");
        complete.devices(A).into_iter().take(50).collect()
    };
    for id in &others {
        world.on.insert(id.clone(), B.to_owned());
    }
    let moved = world.register("2026-12-02");
    world
        .give(&Command::ReturnNow, "2026-12-02T12:00Z")
        .unwrap();
    assert_eq!(world.register("2026-12-03"), moved);
    assert_eq!(world.devices(B), others.clone().sorted());
    assert_eq!(world.register("2026-12-04"), [""; 0]);
}

trait Sorted {
    fn sorted(self) -> Self;
}

impl Sorted for Vec<String> {
    fn sorted(mut self) -> Self {
        self.sort();
        self
    }
}

/// The state, the command, and what the error says.
#[track_caller]
fn refused(before: &[Command], command: &Command, expected: &str) {
    let mut world = World::new("steps=2026-12-01=10% 2026-12-02=50%");
    for command in before {
        world.give(command, "2026-12-01").unwrap();
    }
    let error = world.give(command, "2026-12-03").unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_command_that_does_not_fit_says_what_does() {
    use Command::{Pause, Resume, ReturnNow, Stop};
    refused(&[Pause], &Pause, "is paused already; resume lets it go on");
    refused(&[], &Resume, "is not paused; there is nothing to resume");
    refused(&[Pause], &PROMOTE, "is paused; resume it first");
    refused(
        &[],
        &PROMOTE,
        "has reached its last step, 50%; write --full",
    );
    refused(&[FULL], &FULL, "has reached 100%");
    for command in [&Pause, &Resume, &PROMOTE] {
        refused(&[Stop], command, "is stopped; plan another one");
    }
    refused(&[Stop], &Stop, "is stopped already");
    refused(&[ReturnNow], &ReturnNow, "is returning already");
}
