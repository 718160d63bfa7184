//! A condition that cannot be evaluated: a rule that refuses refuses, any other does nothing.

use serde_json::{Value, json};

use super::FLEET;
use crate::fleet::{Device, decided_by, policy, steps};

/// Conditions that cannot be evaluated for the payload, and why.
fn failures() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "payload.model == 'x'",
            json!("text"),
            "`.model` does not fit the type string",
        ),
        (
            "payload.n > 3",
            json!({"n": "4"}),
            "`>` does not fit the type string with int",
        ),
        (
            "payload.n / payload.m == 1",
            json!({"n": 1, "m": 0}),
            "a value is out of the range of `/`",
        ),
        (
            "payload.flag",
            json!({"flag": "true"}),
            "it gives another type than bool",
        ),
        (
            "payload.a.all(x, payload.a.all(y, x != y - 1000000))",
            json!({"a": (0..4000).collect::<Vec<u32>>()}),
            "it costs more than one evaluation may: 100,000 steps, 1 MiB of values",
        ),
        (
            "payload.s.replace('a', payload.s) == 'b'",
            json!({"s": "a".repeat(50_000)}),
            "it costs more than one evaluation may: 100,000 steps, 1 MiB of values",
        ),
        (
            "registrationId.matches(payload.re)",
            json!({"re": "("}),
            "a value is out of the range of `matches`",
        ),
        // What is over the budget is not saved by another operand.
        (
            "payload.s.replace('a', payload.s) == 'b' || true",
            json!({"s": "a".repeat(50_000)}),
            "it costs more than one evaluation may: 100,000 steps, 1 MiB of values",
        ),
    ]
}

#[test]
fn a_rule_that_refuses_refuses() {
    for (source, payload, why) in failures() {
        let policy = policy(&format!(
            "{FLEET}\n rules: when refuse\n acme/1 | {source} | true"
        ));
        let explanation = Device::new("a").payload(payload).explained(&policy);
        assert_eq!(explanation.reason, "refusedByRule", "{source}");
        assert_eq!(decided_by(&explanation), "rules acme/1");
        let expected = format!(
            "rule `1` of `acme` refuses devices, and its condition `{source}` could not be evaluated: {why}"
        );
        assert_eq!(explanation.detail.as_deref(), Some(&*expected));
        let step = format!(
            "rule: rule 1 -> `{source}` could not be evaluated: {why}: refused [rules acme/1]"
        );
        assert!(
            steps(&explanation).contains(&step),
            "{:?}",
            steps(&explanation)
        );
    }
}

#[test]
fn any_other_rule_does_nothing_and_says_so() {
    for (source, payload, why) in failures() {
        let policy = policy(&format!(
            "{FLEET}\n rules: when hub\n acme/1 | {source} | new.net\n acme/2 | - | weu.net"
        ));
        let explanation = Device::new("a").payload(payload).explained(&policy);
        assert_eq!(explanation.reason, "fixedHub", "{source}");
        assert_eq!(decided_by(&explanation), "rules acme/2");
        let step =
            format!("rule: rule 1 -> `{source}` could not be evaluated: {why}: counts as not true");
        assert!(
            steps(&explanation).contains(&step),
            "{:?}",
            steps(&explanation)
        );
    }
}

#[test]
fn a_rollout_without_devices_is_explained() {
    for (source, payload, why) in failures() {
        let policy = policy(&format!(
            "{FLEET}\n rollouts: to cohort steps when\n acme/r | new.net | all | 100% | {source}"
        ));
        let device = Device::new("a").payload(payload).on("weu.net");
        let explanation = device.explained(&policy);
        assert_eq!(explanation.reason, "stay", "{source}");
        let step = format!(
            "rollout: rollout r -> no: `{source}` could not be evaluated: {why}: counts as not true"
        );
        assert!(
            steps(&explanation).contains(&step),
            "{:?}",
            steps(&explanation)
        );
    }
}

const EXPENSIVE: &str = "payload.a.all(x, payload.a.all(y, x != y - 1000000))";

/// However many conditions a policy has: all of one decision share ten times what one may cost.
#[test]
fn a_device_makes_no_decision_much_dearer_than_ten_conditions() {
    let shown = |rows: &str, payload: &Value| {
        let policy = policy(&format!("{FLEET}\n{rows}"));
        let device = Device::new("a").payload(payload.clone());
        let explanation = device.explained(&policy);
        let steps = steps(&explanation);
        let count = |part: &str| steps.iter().filter(|step| step.contains(part)).count();
        let counts = [
            count("more than one evaluation may"),
            count("more than all of one decision may"),
            count("` is false"),
        ];
        (explanation.reason.to_owned(), counts)
    };
    let numbers: Vec<u32> = (0..4000).collect();
    let payload = json!({"a": numbers});
    let rows = |columns: &str, row: &dyn Fn(usize) -> String| {
        let rows: Vec<String> = (100..130).map(row).collect();
        format!("{columns}\n{}", rows.join("\n"))
    };
    let rules = rows("rules: when hub", &|n| {
        format!("acme/{n} | {EXPENSIVE} | new.net")
    });
    assert_eq!(shown(&rules, &payload), ("weighted".to_owned(), [9, 21, 0]));
    // Also those that are cheap: they are not evaluated any more, and the last one refuses.
    let refusing = format!("{rules}\n rules: when refuse\n acme/200 | payload.a == 1 | true");
    assert_eq!(shown(&refusing, &payload).0, "refusedByRule");
    let rollouts = rows("rollouts: to steps when", &|n| {
        format!("acme/{n} | new.net | 100% | {EXPENSIVE}")
    });
    let both = format!("{rules}\n{rollouts}");
    assert_eq!(shown(&both, &payload), ("weighted".to_owned(), [9, 51, 0]));
    // What reads nothing that the device sends is evaluated all the same.
    let last = format!("{rules}\n rules: when hub\n acme/200 | registrationId == 'b' | new.net");
    assert_eq!(shown(&last, &payload), ("weighted".to_owned(), [9, 21, 1]));
    // And a small payload costs little.
    let small = json!({"a": [1, 2, 3]});
    let (reason, counts) = shown(&rules, &small);
    assert_eq!((&*reason, counts), ("fixedHub", [0, 0, 0]));
}

/// A missing key is not a failure: the condition is false, as documented.
#[test]
fn a_missing_value_refuses_no_device() {
    for (source, payload) in [
        ("payload.model == 'x'", Value::Null),
        ("payload.model == 'x'", json!({})),
        ("payload.a.b == 'x'", json!({"a": null})),
        ("payload.list[3] == 'x'", json!({"list": []})),
        ("cert.subject.commonName == 'x'", json!({})),
        ("device.tenant == 'x'", json!({})),
    ] {
        let policy = policy(&format!(
            "{FLEET}\n rules: when refuse\n acme/1 | {source} | true"
        ));
        let decided = Device::new("a").payload(payload).decided(&policy);
        assert!(decided.ends_with("weighted"), "{source}: {decided}");
    }
}
