//! Attributes of the device's row: expressions read them, and no log holds them.

use dps_allocation::{
    Decision, DecisionRecord, DeviceFact, Evidence, Facts, Policy, Registration, Version,
    decide_with_evidence, replay,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::fleet::{Device, findings, policy};
use crate::replay::{brief, withheld};

/// Tables in which the device `d` has attributes, and a rule leads to `b.net`.
fn fleet(when: &str, attributes: &str) -> String {
    format!(
        "hubs: region
        a.net | westeurope
        b.net | eastus
        enrollments: tenants tenantFrom deviceRows
        group | acme;beta | device.?attributes.?owner.orValue('acme') | optional
        tenants: placement locationFrom groupFrom twin
        acme
        beta | latency | device.attributes.site | device.attributes.building | t
        rules: when hub
        acme/1 | {when} | b.net
        acme/2 | - | a.net
        latency: milliseconds
        berlin/westeurope | 9
        berlin/eastus | 99
        twins: tags reply
        */t | {{\"serial\": \"${{device.attributes.serial}}\"}} | {{\"all\": \"${{device.attributes}}\"}}
        devices: attributes
        d | {attributes}
        other | -"
    )
}

fn device(id: &str) -> Device {
    Device::new(id).linked(&["a.net", "b.net"]).with_row()
}

#[track_caller]
fn check(when: &str, attributes: Value, holds: bool) {
    let policy = policy(&fleet(when, &attributes.to_string()));
    let expected = if holds {
        "b.net fixedHub"
    } else {
        "a.net fixedHub"
    };
    assert_eq!(
        device("d").decided(&policy),
        expected,
        "{when} {attributes}"
    );
    // A device without attributes has no value for it.
    assert_eq!(device("other").decided(&policy), "a.net fixedHub", "{when}");
    let unread = device("d").fact(DeviceFact::Missing);
    assert_eq!(unread.decided(&policy), "a.net fixedHub", "{when}");
}

#[test]
fn conditions_read_them() {
    let attributes = || json!({"sku": "Pro", "n": 7, "tags": ["x", "y"], "at": {"floor": 2}});
    check("device.attributes.sku == 'Pro'", attributes(), true);
    check("device.attributes.sku == 'pro'", attributes(), false);
    check("device.attributes.n > 6", attributes(), true);
    check("'y' in device.attributes.tags", attributes(), true);
    check("device.attributes.at.floor == 2", attributes(), true);
    check("device.attributes['sku'] == 'Pro'", attributes(), true);
    check("device['attributes']['sku'] == 'Pro'", attributes(), true);
    check("has(device.attributes.sku)", attributes(), true);
    check("has(device.attributes.nothing)", attributes(), false);
    check("has(device.attributes)", attributes(), true);
    check(
        "device.attributes.?nothing.orValue('x') == 'y'",
        attributes(),
        false,
    );
    check(
        "device.attributes.exists(k, k == 'sku')",
        attributes(),
        true,
    );
    check("device.attributes.sku > 3", attributes(), false);
    check("device.exists(m, m == 'attributes')", attributes(), true);
    check("size(device.attributes) == 0", json!({}), true);
}

#[test]
fn tenant_location_and_twin_read_them() {
    let attributes = json!({"owner": "beta", "site": "Berlin", "serial": "S-1", "building": "b7"});
    let policy = policy(&fleet("false", &attributes.to_string()));
    let device = device("d");
    assert_eq!(device.decided(&policy), "a.net latency");
    let answer = device.answered(&policy);
    assert_eq!(answer[0]["tags"], json!({"serial": "S-1"}));
    assert_eq!(answer[1], json!({"all": attributes}));
}

#[test]
fn what_is_wrong_is_found_without_quoting_it() {
    for (when, cell, expected) in [
        ("true", "[\"marked\"]", "devices d/device"),
        (
            "true",
            "{\"marked\": ",
            "not a JSON object, at line 1 column",
        ),
        (
            "device.attribute.x == 1",
            "{}",
            "`device` has no member `attribute`",
        ),
    ] {
        let found = findings(&fleet(when, cell));
        assert!(
            found.contains(expected) && !found.contains("marked"),
            "{found}"
        );
    }
}

/// What the log holds of a decision, and that a replay of the line decides the same.
#[track_caller]
fn logged(policy: &Policy, device: &Device) -> Value {
    let body = device.body();
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let facts = device.facts(policy);
    let DeviceFact::Row(row) = facts.device else {
        panic!("a row");
    };
    assert!(row.has_attributes());
    let (_, evidence) = decide_with_evidence(policy, &registration, &facts);
    let json = serde_json::to_value(&evidence).unwrap();
    let evidence: Evidence = serde_json::from_value(json.clone()).unwrap();
    let explained = device.explained(policy);
    let line = r#"{"log":"decision","time":"2026-12-01T12:00:00Z","registrationId":"d",
        "device":{"attributes":"withheld"},"outcome":"assigned","reason":"stay"}"#;
    let record: DecisionRecord<'_> = serde_json::from_str(line).unwrap();
    let row = record.row().unwrap();
    let facts = Facts {
        device: record.device(policy, row.as_ref()).unwrap(),
        ..facts
    };
    let registration = withheld(&registration);
    let again = replay(policy, &registration, &facts, Version::NEWEST, &evidence).unwrap();
    assert_eq!(brief(&again), brief(&explained));
    json
}

#[test]
fn the_log_has_what_a_condition_made_of_them() {
    let kept = |asked: &str, found: Value| json!({"asked": asked, "found": found});
    let owner = || {
        kept(
            "enrollments enrollment/group tenantFrom",
            json!({"tenant": "acme"}),
        )
    };
    let rule = |found: Value| kept("rules acme/1 when", found);
    let logged = |when: &str, attributes: Value| {
        let policy = policy(&fleet(when, &attributes.to_string()));
        logged(&policy, &device("d"))
    };
    let held = |held: bool| rule(json!({"condition": held}));
    let marked = || json!({"sku": "marked"});
    let evidence = logged("device.attributes.sku == 'marked'", marked());
    assert_eq!(evidence, json!([owner(), held(true)]));
    let evidence = logged("device.attributes.sku == 'other'", marked());
    assert_eq!(evidence, json!([owner(), held(false)]));
    // Any other use of the row may read them.
    let evidence = logged("device.exists(m, m == 'hub')", marked());
    assert_eq!(evidence, json!([owner(), held(false)]));
    let evidence = logged("device.attributes.sku > 3", marked());
    let failed = json!({"conditionFailed": {"type": ["<, >, <=, >=", "string"]}});
    assert_eq!(evidence[0], owner());
    assert_eq!(evidence[1]["asked"], rule(failed)["asked"]);
    assert!(!evidence.to_string().contains("marked"), "{evidence}");
    // The log has the other members of the row, so nothing is kept.
    assert_eq!(logged("device.hub == 'a.net'", marked()), json!([owner()]));
    let all = json!({"owner": "beta", "site": "Berlin", "building": "marked"});
    let evidence = logged("true", all);
    let found: Vec<&Value> = evidence
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["found"])
        .collect();
    let expected = json!([
        {"tenant": "beta"}, {"group": true}, {"place": "berlin"}, {"drawn": "a.net"}
    ]);
    assert_eq!(json!(found), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_value_of_an_attribute_is_told(
        when in select(&[
            "device.attributes.a == 'x'",
            "device.attributes.a.startsWith('mar')",
            "device.attributes.exists(k, device.attributes[k] == 'acme')",
            "device.attributes.a > 1",
            "device.attributes[device.attributes.a] == 1",
            "device.attributes.?b.orValue(device.attributes.a).contains('m')",
            "size(device.attributes.b) > device.attributes.c",
        ][..]),
        owner in prop::option::of(select(&["acme", "beta", "marked-9"][..])),
        a in select(&["marked", "marked-1", "MARKED"][..]),
        b in prop::option::of(select(&["marked-2", "berlin"][..])),
        c in prop::option::of(0..9_i64),
    ) {
        let attributes = json!({
            "owner": owner, "a": a, "b": b, "c": c, "site": b, "building": a, "serial": a,
        });
        let policy = policy(&fleet(when, &attributes.to_string()));
        let device = device("d");
        let log = logged(&policy, &device).to_string().to_lowercase();
        prop_assert!(!log.contains("marked"), "{}", log);
        let body = device.body();
        let registration = Registration::parse(body.as_bytes()).unwrap();
        let facts = device.facts(&policy);
        let shown = device.decide(&policy, |decision| {
            let detail = match &decision {
                Decision::Refused(refusal) => refusal.detail.clone(),
                _ => String::new(),
            };
            format!("{detail} {decision:?} {facts:?} {registration:?} {policy:?}").to_lowercase()
        });
        prop_assert!(!shown.contains("marked"), "{}", shown);
    }
}
