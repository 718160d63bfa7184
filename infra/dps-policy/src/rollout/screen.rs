//! Where rollouts stand, for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dps_fleet::rollout::{Moves, NextStep, Phase, Status};

use crate::grid::grid;
use crate::output::one_line;

/// One line per rollout.
pub(super) fn list(statuses: &[Status], width: usize) -> String {
    if statuses.is_empty() {
        return "no rollouts\n".to_owned();
    }
    let headings = ["ROLLOUT", "STATE", "SHARE", "NEXT", "FROM", "TO"];
    let rows: Vec<[String; 6]> = statuses.iter().map(row).collect();
    grid(Some(headings), &rows, width)
}

fn row(status: &Status) -> [String; 6] {
    let next = status.next.as_ref();
    [
        format!("{}/{}", status.tenant, status.id),
        status.phase.as_str().to_owned(),
        status.share.clone(),
        next.map_or_else(|| "-".to_owned(), step),
        hubs(status.from.as_deref(), "any"),
        hubs(status.to.as_deref(), "(twin only)"),
    ]
}

/// All that is known of one.
pub(super) fn show(status: &Status, width: usize) -> String {
    let [name, phase, share, next, from, to] = row(status);
    let since = status.since.map(|at| format!(", since {at}"));
    let phase = format!("{phase}{}", since.unwrap_or_default());
    let last = status.last.as_ref();
    let rows = [
        ("rollout", name),
        ("state", phase),
        ("share", share),
        ("next step", next),
        ("last step", last.map_or_else(|| "-".to_owned(), step)),
        ("from", from),
        ("to", to),
    ];
    let rows = rows.map(|(what, text)| [what.to_owned(), text]);
    grid(None, &rows, width)
}

/// `tenant-a/spread: running, 10%; 25% at .., in 2d`.
pub(super) fn sentence(status: &Status) -> String {
    let Status { tenant, id, .. } = status;
    let mut text = format!("{tenant}/{id}: {}, {}", status.phase.as_str(), status.share);
    if let Some(at) = status.since.filter(|_| status.phase == Phase::Paused) {
        let _infallible = write!(text, ", since {at}");
    }
    if let Some(next) = &status.next {
        let _infallible = write!(text, "; next {}", step(next));
    }
    one_line(&text) + "\n"
}

/// `  log: came to contoso-eus-1 12; left for contoso-weu-1 1; last at ..`
pub(super) fn moves(moves: &Moves) -> String {
    let by_hub = |devices: &BTreeMap<String, u64>| {
        let counts = devices.iter();
        let counts = counts.map(|(hub, count)| format!("{} {count}", label(hub)));
        let counts: Vec<String> = counts.collect();
        if counts.is_empty() {
            "none".to_owned()
        } else {
            counts.join(", ")
        }
    };
    let (came, left) = (by_hub(&moves.came), by_hub(&moves.left));
    let mut text = format!("  log: devices in: {came}; out: {left}");
    for (what, count) in [
        ("refused", moves.refused),
        ("unreadable lines", moves.unreadable),
    ] {
        if count > 0 {
            let _infallible = write!(text, "; {what}: {count}");
        }
    }
    if let Some(last) = moves.last {
        let _infallible = write!(text, "; last at {last}");
    }
    one_line(&text) + "\n"
}

fn step(next: &NextStep) -> String {
    let NextStep { at, share, seconds } = next;
    format!("{share} at {at}, in {}", remaining(*seconds))
}

/// The two largest units: `6d 4h`, `3h`, `12s`.
fn remaining(seconds: i64) -> String {
    let units = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];
    let mut left = seconds.max(0);
    let mut parts = Vec::new();
    for (unit, size) in units {
        if left >= size || (size == 1 && parts.is_empty()) {
            parts.push(format!("{}{unit}", left / size));
            left %= size;
        }
    }
    parts.truncate(2);
    parts.join(" ")
}

/// First labels, which are what people say; `none` says what it means if no hub is named.
fn hubs(hosts: Option<&[String]>, none: &str) -> String {
    let Some(hosts) = hosts else {
        return none.to_owned();
    };
    let labels: Vec<&str> = hosts.iter().map(|host| label(host)).collect();
    labels.join(", ")
}

fn label(host: &str) -> &str {
    host.split('.').next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_largest_units_are_shown() {
        for (seconds, shown) in [
            (0, "0s"),
            (59, "59s"),
            (3600, "1h"),
            (90_061, "1d 1h"),
            (7200 + 120 + 5, "2h 2min"),
            (-5, "0s"),
        ] {
            assert_eq!(remaining(seconds), shown);
        }
    }
}
