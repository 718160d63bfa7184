//! Step 2: the first rule that matches.

use dps_allocation::{Decision, Registration, decide};
use serde_json::{Value, json};

use crate::fleet::{Device, decided_by, policy, steps};

const FLEET: &str = "
    hubs: pools
    weu.net | acme;left
    neu.net | acme
    eus.net | acme
    new.net | other
    tenants: pools
    acme | acme
    beta | acme
    enrollments: tenants
    group | acme
    beta | beta
";

/// The hub and reason that a device gets under these rules.
#[track_caller]
fn check(rules: &str, device: Device, expected: &str) {
    let policy = policy(&format!(
        "{FLEET}\n rules: when hub pools placement refuse\n{rules}"
    ));
    assert_eq!(device.decided(&policy), expected, "{rules}");
}

#[test]
fn rules_are_tried_in_the_order_of_their_keys() {
    check(
        "acme/200 | - | neu.net\n acme/100 | - | eus.net",
        Device::new("a"),
        "eus.net fixedHub",
    );
    check(
        "acme/20 | - | neu.net\n acme/100 | - | eus.net",
        Device::new("a"),
        "eus.net fixedHub",
    );
    check(
        "acme/b | - | neu.net\n acme/B | - | eus.net",
        Device::new("a"),
        "eus.net fixedHub",
    );
}

#[test]
fn the_tenants_own_rules_come_before_those_of_all() {
    let rules = "*/100 | - | neu.net\n acme/900 | - | eus.net";
    check(rules, Device::new("a"), "eus.net fixedHub");
    check(rules, Device::new("a").through("beta"), "neu.net fixedHub");
    // A rule of its own that does not match leaves those of all.
    let rules = "*/100 | - | neu.net\n acme/900 | iotEdge | eus.net";
    check(rules, Device::new("a"), "neu.net fixedHub");
}

#[test]
fn a_rule_may_refuse_narrow_fix_or_change_the_placement() {
    check(
        "acme/1 | - | - | - | - | true",
        Device::new("a"),
        "refusedByRule",
    );
    check(
        "acme/1 | - | - | - | - | false",
        Device::new("a").linked(&["weu.net"]),
        "weu.net weighted",
    );
    check(
        "acme/1 | - | - | left",
        Device::new("a"),
        "weu.net weighted",
    );
    check("acme/1 | - | - | other", Device::new("a"), "noEligibleHub");
    check("acme/1 | - | neu.net", Device::new("a"), "neu.net fixedHub");
    check("acme/1 | - | new.net", Device::new("a"), "noEligibleHub");
    check(
        "acme/1 | - | neu.net | left",
        Device::new("a"),
        "noEligibleHub",
    );
    check(
        "acme/1 | - | - | - | static",
        Device::new("a"),
        "eus.net static",
    );
    // Refusing comes before everything else that the rule says.
    check(
        "acme/1 | - | neu.net | - | - | true",
        Device::new("a"),
        "refusedByRule",
    );
}

/// Whether `when` holds for a device with this payload: the rule leads to `neu.net`.
#[track_caller]
fn when(condition: &str, payload: Value, holds: bool) {
    let policy = policy(&format!(
        "{FLEET}\n rules: when hub\n acme/1 | {condition} | neu.net"
    ));
    let device = Device::new("Pump-7")
        .payload(payload)
        .linked(&["neu.net", "weu.net"]);
    let reason = if holds {
        "neu.net fixedHub"
    } else {
        "weighted"
    };
    let decided = device.decided(&policy);
    assert!(decided.ends_with(reason), "{condition}: {decided}");
}

#[test]
fn conditions_see_the_registration() {
    when("registrationId == 'pump-7'", json!(null), true);
    when("registrationId.startsWith('pump-')", json!(null), true);
    when(
        "enrollment.id == 'group' && enrollment.kind == 'group'",
        json!(null),
        true,
    );
    when("attestation == 'symmetricKey'", json!(null), true);
    when("!iotEdge", json!(null), true);
    when("tenant == 'acme'", json!(null), true);
    when("tenant == 'beta'", json!(null), false);
    when("currentHub == null", json!(null), true);
    when("device == null", json!(null), true);
    when("payload.model == 'p1'", json!({"model": "p1"}), true);
    when("payload.model == 'p1'", json!({"model": "P1"}), false);
    when("payload.build >= 7", json!({"build": 7}), true);
    when("payload.build + 1 == 8", json!({"build": 7}), true);
    when("payload.load > 0.5", json!({"load": 0.75}), true);
    when(
        "payload.tags.exists(t, t == 'x')",
        json!({"tags": ["y", "x"]}),
        true,
    );
    when("'x' in payload.tags", json!({"tags": ["y", "x"]}), true);
    when("payload == 'text'", json!("text"), true);
    when("payload == 7", json!(7), true);
    when("payload['a-b'] == true", json!({"a-b": true}), true);
    when(
        "payload.model.matches('^p[0-9]+$')",
        json!({"model": "p12"}),
        true,
    );
}

#[test]
fn missing_values_and_other_types_are_not_true() {
    when("payload.model == 'p1'", json!({}), false);
    when("payload.model == 'p1'", json!(null), false);
    when("payload.model == 'p1'", json!("p1"), false);
    when("payload.model == 'p1'", json!(["p1"]), false);
    when("payload.a.b.c == 1", json!({"a": 1}), false);
    when("payload.a.b.c == 1", json!({"a": {"b": null}}), false);
    when("payload.model != 'p1'", json!({}), false);
    when("!(payload.model == 'p1')", json!({}), false);
    when("payload.build > 7", json!({"build": "8"}), false);
    when("payload.build + 1 > 0", json!({"build": i64::MAX}), false);
    when("payload.build / 0 == 1", json!({"build": 1}), false);
    when("payload.model", json!({"model": "true"}), false);
    when("payload.model", json!({"model": 1}), false);
    when("payload.model", json!({"model": null}), false);
    when("payload.model", json!({"model": true}), true);
    when("cert.subject.commonName == 'x'", json!(null), false);
    when("device.tenant == 'acme'", json!(null), false);
    when("payload.tags[9] == 'x'", json!({"tags": []}), false);
    when("has(payload.model)", json!({}), false);
    when("has(payload.model)", json!({"model": null}), true);
    when("!has(payload.model)", json!({}), true);
    // One side that is true settles an `or` (CEL's own rule).
    when("payload.model == 'p1' || true", json!({}), true);
    when("false && payload.model == 'p1'", json!({}), false);
}

#[test]
fn the_reasons_name_each_rule_that_was_tried() {
    let policy = policy(&format!(
        "{FLEET}\n rules: when hub\n acme/1 | payload.model == 'p1' | neu.net\n */1 | iotEdge | neu.net\n */2 | - | eus.net"
    ));
    let explanation = Device::new("a").explained(&policy);
    let mut rules = steps(&explanation);
    rules.retain(|step| step.starts_with("rule"));
    let expected = [
        "rule: rule 1 -> `payload.model == 'p1'` counts as false: the request has no payload",
        "rule: rule 1 -> `iotEdge` is false",
        "rule: rule 2 -> matches [rules */2]",
    ];
    assert_eq!(rules, expected);
    assert_eq!(decided_by(&explanation), "rules */2");
}

#[track_caller]
fn decides(rules: &str, expected: &str) {
    let policy = policy(&format!(
        "{FLEET}\n rules: when hub pools placement refuse\n{rules}"
    ));
    assert_eq!(
        decided_by(&Device::new("a").explained(&policy)),
        expected,
        "{rules}"
    );
}

#[test]
fn the_rule_is_named_where_it_decides() {
    decides("acme/1 | - | - | - | - | true", "rules acme/1");
    decides("acme/1 | - | neu.net", "rules acme/1");
    decides("acme/1 | - | new.net", "rules acme/1");
    decides("acme/1 | - | - | left", "rules acme/1");
    decides("acme/1 | - | - | - | static", "rules acme/1");
    decides("acme/1 | iotEdge | neu.net", "tenants tenant/acme");
}

#[test]
fn a_payload_that_cannot_be_read_is_refused_where_a_rule_asks_for_it() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let policy = policy(&format!(
        "{FLEET}\n rules: when refuse\n acme/1 | payload == 1 | true"
    ));
    let check = |payload: &str, expected: &str| {
        let device = Device::new("a").payload("HERE");
        let body = device.body().replace("\"HERE\"", payload);
        let registration = Registration::parse(body.as_bytes()).unwrap();
        let decision = decide(&policy, &registration, &device.facts(&policy));
        let shown = match decision {
            Decision::Refused(refusal) => format!("{:?} {}", refusal.reason, refusal.detail),
            Decision::Assigned(assignment) => assignment.reason.as_str().to_owned(),
            Decision::Unavailable(unavailable) => unavailable.as_str().to_owned(),
        };
        assert_eq!(shown, expected);
    };
    let unreadable = "MalformedRequest `deviceRuntimeContext.payload` cannot be read: it is nested \
                      too deeply, or holds a number or a character that does not exist";
    check(&deep, unreadable);
    check("1e999", unreadable);
    check("\"\\ud800\"", unreadable);
    check("2", "weighted");
}
