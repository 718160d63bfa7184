//! The log has no text of a group, and a replay decides the same.

use dps_allocation::{
    DecisionRecord, DeviceFact, Evidence, Facts, Registration, Version, decide_with_evidence,
    replay,
};
use serde_json::{Value, json};

use super::{HUBS, device, fleet, says};
use crate::fleet::{Device, policy};
use crate::replay::{brief, withheld};

const ROLLOUTS: &str = "rollouts: to from cohort steps include state return abortedAt
    acme/1 | h8.net | - | - | 0%
    acme/2 | h7.net | - | existing | 50%
    acme/3 | h6.net | h2.net | existing | 100% | - | aborted | true | 2026-11-01";

/// The evidence of a decision, and that a replay of it decides the same.
#[track_caller]
fn replayed(group_from: &str, device: Device) -> Value {
    let tables = policy(&fleet(group_from, ROLLOUTS));
    let body = device.body();
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let facts = device.facts(&tables);
    let (_, evidence) = decide_with_evidence(&tables, &registration, &facts);
    let json = serde_json::to_value(&evidence).unwrap();
    let evidence: Evidence = serde_json::from_value(json.clone()).unwrap();
    let explained = device.explained(&tables);
    // What the log says of the row: that it names a group.
    let row = match facts.device {
        DeviceFact::Row(row) if row.has_group() => r#"{"group":"withheld"}"#,
        DeviceFact::Row(_) => "{}",
        _ => r#""missing""#,
    };
    let line = format!(
        r#"{{"log":"decision","time":"2026-12-01T12:00:00Z","registrationId":"{}",
            "device":{row},"outcome":"assigned","reason":"stay"}}"#,
        registration.id.as_str()
    );
    let record: DecisionRecord<'_> = serde_json::from_str(&line).unwrap();
    let row = record.row().unwrap();
    let facts = Facts {
        device: record.device(&tables, row.as_ref()).unwrap(),
        ..facts
    };
    let registration = withheld(&registration);
    let again = replay(&tables, &registration, &facts, Version::NEWEST, &evidence).unwrap();
    assert_eq!(brief(&again), brief(&explained));
    json
}

fn kept(asked: &str, found: Value) -> Value {
    json!({"asked": asked, "found": found})
}

#[test]
fn what_follows_from_the_group_is_kept() {
    let group = |is_in: bool| kept("tenants tenant/acme groupFrom", json!({"group": is_in}));
    let share = |rollout: u8, is_in: bool| {
        kept(
            &format!("rollouts acme/{rollout} share"),
            json!({"inShare": is_in}),
        )
    };
    let drawn = |hub: &str| kept("the weighted hash of the group", json!({"drawn": hub}));
    let member = |building: &str| says("a", json!({"building": building}));
    let hub_of = |group: &str| {
        let decided = device(group).decided(&policy(&fleet("-", "")));
        decided.replace(" weighted", "")
    };
    let evidence = replayed("payload.building", member("Gw-1"));
    let hub = hub_of("gw-1");
    assert_eq!(evidence, json!([group(true), share(1, false), drawn(&hub)]));
    // The row's group, which needs no question whether there is one.
    let evidence = replayed("-", device("in-row"));
    assert_eq!(evidence, json!([share(1, false), drawn(&hub)]));
    let evidence = replayed("payload.building", says("a", json!({})));
    assert_eq!(evidence, json!([group(false)]));
    // Nothing that no log holds: the replay computes it again.
    assert_eq!(replayed("registrationId", device("a")), json!([]));
    assert_eq!(replayed("payload.building", device("a")), json!([]));
}

#[test]
fn no_evidence_holds_the_text_of_a_group() {
    for on in HUBS {
        for building in ["Marked-1", "marked 2", "marked-3"] {
            let device = says("a", json!({"building": building})).on(on);
            let evidence = replayed("payload.building", device).to_string();
            assert!(!evidence.to_lowercase().contains("marked"), "{evidence}");
        }
        replayed("-", device("in-row").on(on));
    }
}

#[test]
fn the_answer_hides_its_group() {
    let tables = policy(&fleet("payload.building", ""));
    let shown = says("a", json!({"building": "marked"})).decide(&tables, |decision| {
        let dps_allocation::Decision::Assigned(assignment) = &decision else {
            panic!("{decision:?}");
        };
        assert!(assignment.group.is_some());
        format!("{decision:?}")
    });
    assert!(!shown.contains("marked"), "{shown}");
}

/// A hub that the hash chose under other tables does not answer another question.
#[test]
fn other_tables_may_ask_what_was_not_kept() {
    let device = says("a", json!({"building": "gw-1"}));
    let body = device.body();
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let tables = policy(&fleet("payload.building", ""));
    let facts = device.facts(&tables);
    let (decision, evidence) = decide_with_evidence(&tables, &registration, &facts);
    let dps_allocation::Decision::Assigned(assignment) = decision else {
        panic!("{decision:?}");
    };
    let registration = withheld(&registration);
    let check = |more: &str, expected: &str| {
        let later = policy(&fleet("payload.building", more));
        let error = replay(&later, &registration, &facts, Version::NEWEST, &evidence).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    check(
        "rollouts: to steps\n acme/new | h1.net | 50%",
        "no answer to `rollouts acme/new share`",
    );
    let other = HUBS
        .into_iter()
        .filter(|hub| *hub != assignment.hub)
        .nth(1)
        .unwrap();
    let rule = format!("rules: hub\n acme/1 | {other}");
    check(&rule, "no answer to `the weighted hash of the group`");
}
