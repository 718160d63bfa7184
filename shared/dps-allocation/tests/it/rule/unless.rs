//! `unless`: a rule matches unless the expression is true.

use serde_json::{Value, json};

use super::FLEET;
use crate::findings::check as check_findings;
use crate::fleet::{Device, findings, policy, steps};

/// Whether a rule with this `when` and `unless` refuses a device with this payload.
#[track_caller]
fn refuses(when: &str, unless: &str, payload: Value, expected: bool) {
    let policy = policy(&format!(
        "{FLEET}\n rules: when unless refuse\n acme/1 | {when} | {unless} | true"
    ));
    let refused = Device::new("a").payload(payload.clone()).decided(&policy) == "refusedByRule";
    assert_eq!(refused, expected, "{when} | {unless} | {payload}");
}

#[test]
fn what_is_not_true_refuses() {
    let ok = "payload.ok == true";
    refuses("-", ok, json!({"ok": true}), false);
    for other in [
        json!({"ok": false}),
        json!({"ok": "true"}),
        json!({}),
        json!(null),
        json!("text"),
        json!({"ok": null}),
    ] {
        refuses("-", ok, other, true);
    }
    // What is not a bool is not true.
    refuses("-", "payload.ok", json!({"ok": 1}), true);
    refuses("-", "payload.ok", json!({"ok": true}), false);
    refuses("-", "cert.subject.commonName == 'a'", json!({}), true);
    // Nor is what cannot be evaluated.
    refuses("-", "1 / payload.n == 1", json!({"n": 0}), true);
    refuses("-", "1 / payload.n == 1", json!({"n": 1}), false);
}

#[test]
fn both_conditions_must_hold() {
    let (when, unless) = ("payload.a == 1", "payload.b == 1");
    refuses(when, unless, json!({"a": 1}), true);
    refuses(when, unless, json!({"a": 1, "b": 1}), false);
    refuses(when, unless, json!({"a": 2}), false);
    refuses(when, unless, json!({}), false);
    // A `when` that cannot be evaluated refuses, unless the other is true.
    refuses("payload.a > 0", unless, json!({"a": "1"}), true);
    refuses("payload.a > 0", unless, json!({"a": "1", "b": 1}), false);
}

#[test]
fn any_other_rule_matches_in_the_same_way() {
    let policy = policy(&format!(
        "{FLEET}\n rules: unless hub\n acme/1 | payload.v >= 2 | new.net"
    ));
    let decided = |payload: Value| Device::new("a").payload(payload).decided(&policy);
    assert_eq!(decided(json!({"v": 1})), "new.net fixedHub");
    assert_eq!(decided(json!({})), "new.net fixedHub");
    assert_eq!(decided(json!({"v": "2"})), "new.net fixedHub");
    assert!(decided(json!({"v": 2})).ends_with("weighted"));
}

#[test]
fn the_reasons_say_what_it_gave() {
    let policy = policy(&format!(
        "{FLEET}\n rules: unless hub\n acme/1 | payload.v >= 2 | new.net"
    ));
    let check = |payload: Value, expected: &str| {
        let steps = steps(&Device::new("a").payload(payload).explained(&policy));
        assert!(steps.contains(&expected.to_owned()), "{steps:?}");
    };
    check(
        json!({"v": 2}),
        "rule: rule 1 -> unless: `payload.v >= 2` is true",
    );
    check(
        json!({"v": 1}),
        "rule: rule 1 -> matches; unless: `payload.v >= 2` is false [rules acme/1]",
    );
    check(
        json!({}),
        "rule: rule 1 -> matches; unless: `payload.v >= 2` counts as false: there is no `v` [rules acme/1]",
    );
}

#[test]
fn a_rule_is_shadowed_only_where_both_conditions_are() {
    let shadowed = |rows: &str| {
        let found = findings(&format!("{FLEET}\n rules: when unless\n{rows}"));
        found.contains("always matches first")
    };
    assert!(shadowed("acme/1 | - | -\n acme/2 | - | iotEdge"));
    assert!(shadowed(
        "acme/1 | - | iotEdge\n acme/2 | payload.a == 1 | iotEdge"
    ));
    assert!(shadowed(
        "acme/1 | iotEdge | payload.b == 1\n acme/2 | iotEdge | payload.b == 1"
    ));
    assert!(!shadowed("acme/1 | - | iotEdge\n acme/2 | - | -"));
    assert!(!shadowed(
        "acme/1 | iotEdge | payload.b == 1\n acme/2 | iotEdge | -"
    ));
    assert!(!shadowed(
        "acme/1 | iotEdge | payload.b == 1\n acme/2 | iotEdge | payload.c == 1"
    ));
}

/// A refusal that a device escapes by sending nothing: `part` is what it leaves out.
#[track_caller]
fn escaped(when: &str, part: &str) {
    let expected = format!(
        "warning: rules acme/1, line 8, column when: `{when}` is not true where what it reads of `{part}` is missing: \
         such a device is not refused; to refuse it, write the opposite in `unless`: whatever is not \
         true then refuses; to admit it, say so with has(..) or `?`"
    );
    let rule = |refuse: &str| format!("rules: when refuse // acme/1 | {when} | {refuse}");
    let expected = if part.is_empty() { "" } else { &expected };
    check_findings(&rule("true"), expected);
    // Only a refusal is escaped.
    check_findings(&rule("false"), "");
}

#[test]
fn a_refusal_says_what_a_missing_value_means() {
    escaped("payload.recalled == true", "payload");
    escaped("cert.subject.organization != 'Contoso'", "cert");
    escaped("payload.tags.exists(t, t == 'x')", "payload");
    escaped("payload['a'].b == 1", "payload");
    escaped("has(payload.a) && cert.issuer.commonName == 'x'", "cert");
    escaped("has(payload.recalled) && payload.recalled == true", "");
    escaped("payload.?recalled.orValue(true)", "");
    escaped("payload[?'recalled'].orValue(true)", "");
    escaped("payload == null || payload.recalled == true", "");
    escaped("cert != null && cert.issuer.commonName == 'x'", "");
    escaped("registrationId.startsWith('x')", "");
    escaped("attestation == 'tpm'", "");
}
