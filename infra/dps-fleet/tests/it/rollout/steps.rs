//! Schedules as people write them.

use dps_fleet::rollout::Schedule;

use crate::rollout::world::at;

#[track_caller]
fn check(shares: Option<&str>, over: Option<&str>, expected: &str) {
    let schedule = Schedule::parse(shares, over);
    let full = "100%".parse().unwrap();
    let cells = schedule.map(|it| it.cells(at("2026-12-01"), full, full).unwrap());
    let said = match cells {
        Ok([(_, steps), (_, ramp)]) => format!("{steps} {ramp}"),
        Err(error) => error.to_string(),
    };
    assert!(said.contains(expected), "{said}");
}

#[test]
fn shares_are_spread_over_time() {
    check(
        None,
        None,
        "2026-12-01=5% 2026-12-03=25% 2026-12-05=50% 2026-12-07=100% step",
    );
    check(
        Some("10%, 100% every 12h"),
        None,
        "2026-12-01=10% 2026-12-01T12:00Z=100% step",
    );
    check(
        Some("1;50;100"),
        Some("4d"),
        "2026-12-01=1% 2026-12-03=50% 2026-12-05=100% step",
    );
    check(None, Some("7d"), "2026-12-01=0% 2026-12-08=100% linear");
    check(
        Some("0.5"),
        Some("1w"),
        "2026-12-01=0% 2026-12-08=0.5% linear",
    );
    check(Some("100"), None, "2026-12-01=100% step");
}

#[test]
fn what_is_no_schedule_says_why() {
    check(Some("5;50"), None, "does not say when; add `every 2d`");
    check(Some("50;5 every 1d"), None, "share `5` is not more than");
    check(Some("0;5 every 1d"), None, "share `0` is not more than");
    check(Some("5;50 every 1d"), Some("7d"), "and so does --over");
    check(Some("101"), None, "is more than `100%`");
    check(Some("x"), None, "is not a plain decimal number");
    for time in ["2 moons", "1mo", "-2d", "0d", ""] {
        check(None, Some(time), "is not a length of time");
    }
}
