//! What one column does where another one applies, too.

mod anew;
mod hubs;
mod replies;

use crate::fleet::{Device, policy};

/// One case a line, `id payload current hub | time => hub reason`, under tables; `-` is nothing.
#[track_caller]
fn check(tables: &str, linked: &[&str], cases: &str) {
    let policy = policy(tables);
    for case in cases.lines().map(str::trim).filter(|it| !it.is_empty()) {
        let (asked, expected) = case.split_once(" => ").expect("device => decision");
        let cells: Vec<&str> = asked.split(" | ").map(str::trim).collect();
        let [id, group, payload, on, day] = cells[..] else {
            panic!("id | group | payload | hub | day: {case}")
        };
        let mut device = Device::new(id).through(group).linked(linked).with_row();
        if payload != "-" {
            device = device.payload(serde_json::from_str::<serde_json::Value>(payload).unwrap());
        }
        if on != "-" {
            device = device.on(on);
        }
        if day != "-" {
            device = device.at(&format!("2026-12-{day}T00:00:00Z"));
        }
        assert_eq!(device.decided(&policy), expected, "{case}\n{tables}");
    }
}
