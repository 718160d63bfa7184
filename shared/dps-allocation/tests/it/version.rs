//! Lines of older versions of the decision, replayed as they were decided.

use dps_allocation::{DecisionRecord, Facts, Policy, Version, replay};
use serde_json::json;

use crate::fleet::{Device, policy};
use crate::replay::brief;

/// The tables of `log-version-1.jsonl`, which a webhook of version 1 wrote.
const FLEET: &str = "
    hubs: state weight pools
    old.net | draining | 1 | std
    mid.net | - | 1 | std
    new.net | - | 1 | std
    enrollments: tenants
    group | acme
    pooled | pooled
    tenants: pools
    acme
    pooled | std
    rollouts: from to steps when
    acme/1-launch | - | old.net | 100%
    */9-evacuate | old.net | new.net | 100% | payload.ready == true
";

fn records() -> impl Iterator<Item = DecisionRecord<'static>> {
    let lines = include_str!("../fixtures/log-version-1.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap())
}

/// The replay as `reason hub rollout`, or why there is none.
fn replayed(policy: &Policy, record: &DecisionRecord<'_>, version: Version) -> String {
    let registration = record.registration().unwrap();
    let row = record.row().unwrap();
    let facts = Facts {
        now: record.time,
        device: record.device(policy, row.as_ref()).unwrap(),
    };
    match replay(policy, &registration, &facts, version, &record.evidence) {
        Ok(explanation) => {
            let (_, reason, _, rollout, hub) = brief(&explanation);
            said(reason, hub.as_str(), rollout)
        }
        Err(error) => error.to_string(),
    }
}

fn said(reason: &str, hub: Option<&str>, rollout: Option<&str>) -> String {
    format!("{reason} {} {}", hub.unwrap_or("-"), rollout.unwrap_or("-"))
}

#[test]
fn old_lines_are_replayed_as_they_were_decided() {
    let policy = policy(FLEET);
    let mut lines = 0;
    for record in records() {
        // The tables are those of the lines.
        let revision = policy.revision().to_string();
        assert_eq!(record.revision.as_deref(), Some(&*revision));
        assert_eq!(record.version().unwrap(), Version::First);
        let logged = said(
            &record.reason,
            record.hub.as_deref(),
            record.rollout.as_deref(),
        );
        assert_eq!(replayed(&policy, &record, Version::First), logged);
        lines += 1;
    }
    assert_eq!(lines, 5);
}

#[test]
fn this_version_decides_some_of_them_in_another_way() {
    let policy = policy(FLEET);
    let decided = |id: &str| {
        let device = Device::new(id).linked(&["old.net", "mid.net", "new.net", "lone.net"]);
        device.on("old.net").payload(json!({"ready": true}))
    };
    assert_eq!(decided("held-1").decided(&policy), "new.net rollout");
    for (id, group, linked) in [
        (
            "lone-1",
            "group",
            &["old.net", "mid.net", "new.net", "lone.net"][..],
        ),
        ("never-1", "group", &["lone.net"]),
    ] {
        let device = Device::new(id).through(group).linked(linked).on("lone.net");
        assert_eq!(device.decided(&policy), "lone.net stayUnlisted");
        let line = records().find(|it| it.registration_id.as_deref() == Some(id));
        let now = replayed(&policy, &line.unwrap(), Version::NEWEST);
        assert_eq!(now, "stayUnlisted lone.net -");
    }
    // A condition that version 1 has not asked has no recorded answer.
    let held = records().find(|it| it.registration_id.as_deref() == Some("held-1"));
    let replayed = replayed(&policy, &held.unwrap(), Version::NEWEST);
    let question = "no answer to `rollouts */9-evacuate when`";
    assert!(replayed.contains(question), "{replayed}");
}

#[test]
fn every_version_has_its_number() {
    for (number, version) in (1..).zip(Version::ALL) {
        assert_eq!(version.number(), number);
        assert_eq!(Version::new(number), Some(version));
    }
    assert_eq!(Some(&Version::NEWEST), Version::ALL.last());
}
