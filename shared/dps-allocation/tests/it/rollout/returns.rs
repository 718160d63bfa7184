//! An aborted rollout with `return` beside other rollouts: no device goes back and forth.

use super::selection::{check, device, rollouts};

const BACK: &str = "aborted | true";

/// The answers to a device that registers three times, each time on the hub of the answer before.
#[track_caller]
fn path(rows: &str, first: &str, expected: &str) {
    let tables = rollouts("from state return", rows);
    let policy = crate::fleet::policy(&tables);
    let mut hub = first.to_owned();
    let mut answers = Vec::new();
    for _ in 0..3 {
        let decided = device().on(&hub).decided(&policy);
        hub = decided.split_once(' ').unwrap().0.to_owned();
        answers.push(decided);
    }
    assert_eq!(answers.join(", "), expected, "{rows}");
}

#[test]
fn a_rollout_that_goes_on_keeps_its_devices() {
    let on_n = "n.net stay, n.net stay, n.net stay";
    let aborted = format!("acme/1 | n.net | 100% | a.net | {BACK}");
    path(&format!("{aborted}\n acme/2 | n.net | 100%"), "n.net", on_n);
    path(&format!("{aborted}\n acme/0 | n.net | 100%"), "n.net", on_n);
    path(
        &format!("{aborted}\n acme/2 | n.net | 100% | b.net"),
        "n.net",
        on_n,
    );
    // It does not hold the device.
    let back = "a.net rolloutReturn, a.net stay, a.net stay";
    path(&format!("{aborted}\n acme/2 | n.net | 0%"), "n.net", back);
    path(
        &format!("{aborted}\n acme/2 | m.net | 100% | b.net"),
        "n.net",
        back,
    );
}

#[test]
fn a_rollout_that_goes_on_moves_before_another_brings_back() {
    let aborted = format!("acme/1 | n.net | 100% | a.net | {BACK}");
    let onwards = "m.net rollout, m.net stay, m.net stay";
    path(
        &format!("{aborted}\n acme/2 | m.net | 100% | n.net"),
        "n.net",
        onwards,
    );
    path(
        &format!("{aborted}\n acme/0 | m.net | 100% | n.net"),
        "n.net",
        onwards,
    );
}

#[test]
fn of_two_that_lead_in_opposite_directions_the_first_decides() {
    let there = |id: u8| format!("acme/{id} | n.net | 100% | a.net | {BACK}");
    let back = |id: u8| format!("acme/{id} | a.net | 100% | n.net | {BACK}");
    let on_a = "a.net stay, a.net stay, a.net stay";
    path(&format!("{}\n{}", there(1), back(2)), "a.net", on_a);
    let to_a = "a.net rolloutReturn, a.net stay, a.net stay";
    path(&format!("{}\n{}", there(1), back(2)), "n.net", to_a);
    let on_n = "n.net stay, n.net stay, n.net stay";
    path(&format!("{}\n{}", there(2), back(1)), "n.net", on_n);
    // One after the other: a to n, then n to m, both aborted.
    let chain = format!("{}\n acme/2 | m.net | 100% | n.net | {BACK}", there(1));
    path(&chain, "n.net", to_a);
}

#[test]
fn only_devices_that_it_can_have_moved_go_back() {
    let go = |cells: &str| {
        let columns = "from state abortedAt return when cohort include";
        rollouts(columns, &format!("acme/go | n.net | {cells}"))
    };
    let on_n = || {
        device()
            .on("n.net")
            .payload(serde_json::json!({"beta": true}))
    };
    let dated = "2026-11-01=0% 2026-11-20=100% | a.net | aborted";
    check(
        &go(&format!("{dated} | 2026-11-21 | true")),
        &on_n(),
        "a.net rolloutReturn go",
    );
    check(
        &go(&format!("{dated} | 2026-11-19 | true")),
        &on_n(),
        "n.net stay",
    );
    check(&go(&format!("{dated} | - | true")), &on_n(), "n.net stay");
    check(
        &go(&format!("{dated} | 2027-01-01 | true")),
        &on_n(),
        "n.net stay",
    );
    // Before the first step it had moved only pinned devices.
    check(
        &go(&format!("{dated} | 2026-10-01 | true")),
        &on_n(),
        "n.net stay",
    );
    let pinned = format!("{dated} | 2026-10-01 | true | - | - | pump-*");
    check(&go(&pinned), &on_n(), "a.net rolloutReturn go");
    for (when, expected) in [
        ("payload.beta", "a.net rolloutReturn go"),
        ("!payload.beta", "n.net stay"),
    ] {
        check(
            &go(&format!("{dated} | 2026-11-21 | true | {when}")),
            &on_n(),
            expected,
        );
    }
    for cohort in ["new", "existing", "all"] {
        let row = format!("{dated} | 2026-11-21 | true | - | {cohort}");
        check(&go(&row), &on_n(), "a.net rolloutReturn go");
    }
}
