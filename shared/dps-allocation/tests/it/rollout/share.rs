//! Step 5: how far a rollout has come, by steps, ramp, pause and time.

use dps_allocation::bucket::BucketSalt;

use super::selection::{check, device, rollouts};
use crate::fleet::Device;

const TAKEN: &str = "n.net rollout go";
const LEFT: &str = "std weighted";

/// The bucket of the device under the default salt, the rollout's id.
fn bucket() -> u32 {
    BucketSalt::new("go").bucket("pump-1").number()
}

/// A share in hundred-thousandths, as a cell.
fn percent(units: u32) -> String {
    format!("{}.{:03}%", units / 1000, units % 1000)
}

#[track_caller]
fn at(row: &str, now: &str, expected: &str) {
    let columns = "ramp state pausedAt salt";
    check(
        &rollouts(columns, &format!("acme/go | n.net | {row}")),
        &device().at(now),
        expected,
    );
}

const NOW: &str = "2026-12-01T12:00Z";

#[test]
fn the_bucket_is_in_from_one_unit_on() {
    at("0%", NOW, LEFT);
    at(&percent(bucket()), NOW, LEFT);
    at(&percent(bucket() + 1), NOW, TAKEN);
    at("100%", NOW, TAKEN);
}

#[test]
fn the_salt_is_the_rollouts_id_unless_it_has_one() {
    let other = BucketSalt::new("Other").bucket("pump-1").number();
    assert!(other != bucket());
    at(
        &format!("{} | - | - | - | Other", percent(other)),
        NOW,
        LEFT,
    );
    at(
        &format!("{} | - | - | - | Other", percent(other + 1)),
        NOW,
        TAKEN,
    );
    at(
        &format!("{} | - | - | - | go", percent(bucket() + 1)),
        NOW,
        TAKEN,
    );
}

#[test]
fn the_spelling_of_the_id_does_not_matter() {
    let tables = rollouts("", &format!("acme/go | n.net | {}", percent(bucket() + 1)));
    let upper = Device::new("PUMP-1").linked(&["a.net", "n.net"]);
    check(&tables, &upper, TAKEN);
    let tables = rollouts("", &format!("acme/go | n.net | {}", percent(bucket())));
    check(&tables, &upper, LEFT);
}

#[test]
fn a_step_counts_from_its_moment_on() {
    let steps = "2026-12-01T12:00Z=0.001% 2026-12-03=100%";
    at(steps, "2026-12-01T11:59:59.999Z", LEFT);
    at(steps, NOW, LEFT);
    at(steps, "2026-12-02T23:59:59.999999999Z", LEFT);
    at(steps, "2026-12-03T00:00:00Z", TAKEN);
    at(steps, "9999-01-01T00:00Z", TAKEN);
    // Offsets are offsets; a moment without one is UTC.
    at("2026-12-01T13:00+01:00=100%", NOW, TAKEN);
    at("2026-12-01T13:00+01:00=100%", "2026-12-01T11:59:59Z", LEFT);
    at("2026-12-01T12:00=100%", NOW, TAKEN);
    at("2026-12-01T12:00:00.5=100%", NOW, LEFT);
    // A first step without time holds since ever.
    at("100%", "-009999-01-02T01:59:59Z", TAKEN);
    at("0% 2026-12-01T12:00Z=100%", "2020-01-01T00:00Z", LEFT);
    at("0%;2026-12-01T12:00Z=100%", NOW, TAKEN);
}

#[test]
fn a_linear_ramp_grows_second_by_second() {
    // 100,000 buckets over 100,000 seconds: a bucket a second.
    let steps = "2026-12-01=0% 2026-12-02T03:46:40Z=100% | linear";
    let start: i64 = 1_796_083_200;
    let second = |after: i64| {
        let bucket = i64::from(bucket());
        jiff_text(start + bucket + after)
    };
    at(steps, &second(0), LEFT);
    at(steps, &second(1), TAKEN);
    at(steps, "2026-11-30T00:00Z", LEFT);
    at(steps, "2026-12-01T00:00Z", LEFT);
    at(steps, "2026-12-02T03:46:40Z", TAKEN);
    at(steps, "2030-01-01T00:00Z", TAKEN);
    // By steps, the same times do nothing in between.
    let steps = "2026-12-01=0% 2026-12-02T03:46:40Z=100% | step";
    at(steps, &second(1), LEFT);
    // From a step without time there is no line.
    at("0% 2026-12-02=100% | linear", "2026-12-01T23:59:59Z", LEFT);
    // One step alone is a step.
    at("2026-12-01=100% | linear", "2026-12-01T00:00Z", TAKEN);
}

/// Seconds since 1970 as a text; within the December of 2026.
fn jiff_text(seconds: i64) -> String {
    let into = seconds - 1_796_083_200;
    let (day, second) = (into / 86_400 + 1, into % 86_400);
    format!(
        "2026-12-{day:02}T{:02}:{:02}:{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[test]
fn paused_freezes_the_share_of_that_moment() {
    let steps = "2026-12-01=0% 2026-12-10=100%";
    at(
        &format!("{steps} | - | paused | 2026-12-09"),
        "2026-12-20T00:00Z",
        LEFT,
    );
    at(
        &format!("{steps} | - | paused | 2026-12-10"),
        "2026-12-20T00:00Z",
        TAKEN,
    );
    at(
        &format!("{steps} | - | paused | 2026-12-11T00:00Z"),
        "2026-12-20T00:00Z",
        TAKEN,
    );
    // Paused in the future: the share has not come so far.
    at(
        &format!("{steps} | - | paused | 2026-12-11"),
        "2026-12-09T00:00Z",
        LEFT,
    );
    // What is not paused does not ask when it was.
    at(
        &format!("{steps} | - | running | 2026-12-02"),
        "2026-12-20T00:00Z",
        TAKEN,
    );
    let linear = "2026-12-01=0% 2026-12-02T03:46:40Z=100% | linear | paused";
    let before = jiff_text(1_796_083_200 + i64::from(bucket()));
    let after = jiff_text(1_796_083_200 + i64::from(bucket()) + 1);
    at(&format!("{linear} | {before}"), "2026-12-20T00:00Z", LEFT);
    at(&format!("{linear} | {after}"), "2026-12-20T00:00Z", TAKEN);
}

#[test]
fn lowering_a_share_removes_the_latest_devices_first_and_moves_none() {
    let share = |units: u32| rollouts("", &format!("acme/go | n.net | {}", percent(units)));
    let half: Vec<String> = (0..200).map(|n| format!("pump-{n}")).collect();
    let taken = |units: u32| {
        let policy = crate::fleet::policy(&share(units));
        let is_taken = |id: &&String| {
            Device::new(id).linked(&["a.net", "n.net"]).decided(&policy) == "n.net rollout"
        };
        half.iter().filter(is_taken).cloned().collect::<Vec<_>>()
    };
    let (many, few) = (taken(50_000), taken(20_000));
    assert!(few.len() < many.len() && few.iter().all(|id| many.contains(id)));
    let last = many
        .iter()
        .map(|id| BucketSalt::new("go").bucket(id))
        .max()
        .unwrap();
    assert!(few.iter().all(|id| BucketSalt::new("go").bucket(id) < last));
    // A device that has been moved keeps its hub.
    check(&share(0), &device().on("n.net"), "n.net stay");
}
