//! A million decisions: shares follow weights and rollouts.

use dps_allocation::{Decision, DeviceFact, Facts, Registration, decide};

use crate::fleet::policy;

const FLEET: &str = "
    hubs: weight pools
    a.net | 1 | std
    b.net | 2 | std
    c.net | 3 | std
    d.net | 4 | std
    e.net | 10 | std
    n.net | 0 | fresh
    enrollments: tenants
    weighted | weighted
    rolled | rolled
    tenants: pools
    weighted | std
    rolled | std;fresh
    rollouts: to steps
    rolled/go | n.net | 2026-12-01=12.5%
";
const HUBS: [(&str, f64); 5] = [
    ("a.net", 0.05),
    ("b.net", 0.1),
    ("c.net", 0.15),
    ("d.net", 0.2),
    ("e.net", 0.5),
];
const DEVICES: u32 = 1_000_000;

/// How many devices each hub gets, the five of `HUBS` and then `n.net`.
fn counts(group: &str) -> [f64; 6] {
    let policy = policy(FLEET);
    let now = "2026-12-01T12:00Z".parse().unwrap();
    let facts = Facts {
        now,
        device: DeviceFact::NotRead,
    };
    let mut counts = [0_u32; 6];
    for device in 0..DEVICES {
        let body = format!(
            r#"{{"enrollmentGroup":{{"enrollmentGroupId":"{group}"}},
            "deviceRuntimeContext":{{"registrationId":"sn-{device:07}"}},
            "linkedHubs":["a.net","b.net","c.net","d.net","e.net","n.net"]}}"#
        );
        let registration = Registration::parse(body.as_bytes()).unwrap();
        let Decision::Assigned(assignment) = decide(&policy, &registration, &facts) else {
            panic!("{device}");
        };
        let hub = HUBS.iter().position(|(host, _)| *host == assignment.hub);
        counts[hub.unwrap_or(5)] += 1;
    }
    counts.map(f64::from)
}

/// Within four standard deviations of the share of these devices.
#[track_caller]
fn check(count: f64, share: f64, of: f64) {
    let sigma = (of * share * (1.0 - share)).sqrt();
    assert!(
        (count - of * share).abs() < 4.0 * sigma,
        "{count} of {of} for {share}"
    );
}

#[test]
fn a_million_devices_follow_the_weights() {
    let counts = counts("weighted");
    for ((_, share), count) in HUBS.into_iter().zip(counts) {
        check(count, share, f64::from(DEVICES));
    }
    assert!(counts[5] < 1.0);
}

#[test]
fn a_million_devices_follow_a_rollout_and_those_left_the_weights() {
    let counts = counts("rolled");
    check(counts[5], 0.125, f64::from(DEVICES));
    // The bucket and the weights are independent.
    let left = f64::from(DEVICES) - counts[5];
    for ((_, share), count) in HUBS.into_iter().zip(counts) {
        check(count, share, left);
    }
}
