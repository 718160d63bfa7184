//! Step 9: the values of twins and replies: merging, expressions, limits.

use serde_json::{Value, json};

use crate::fleet::{Device, decided_by, policy, verdicts};

const FLEET: &str = "hubs: twin\n a.net | under\n enrollments: tenants\n group | acme\n \
    tenants: twin reply\n acme | over | REPLY\n twins: desired\n";

fn fleet(under: &Value, over: &Value, reply: &str) -> String {
    let fleet = FLEET.replace("REPLY", reply);
    format!("{fleet}*/under | {under}\n acme/over | {over}")
}

/// `over` laid on `under`.
#[track_caller]
fn merge(under: Value, over: Value, expected: Value) {
    let policy = policy(&fleet(&under, &over, "-"));
    let answer = Device::new("a").linked(&["a.net"]).answered(&policy);
    assert_eq!(answer[0]["properties"]["desired"], expected);
}

#[test]
fn layers_merge_as_rfc_7396_says() {
    // Appendix A of the RFC, as far as both are objects.
    merge(json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"}));
    merge(
        json!({"a": "b"}),
        json!({"b": "c"}),
        json!({"a": "b", "b": "c"}),
    );
    merge(json!({"a": "b"}), json!({"a": null}), json!({}));
    merge(
        json!({"a": "b", "b": "c"}),
        json!({"a": null}),
        json!({"b": "c"}),
    );
    merge(json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"}));
    merge(json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]}));
    merge(
        json!({"a": {"b": "c"}}),
        json!({"a": {"b": "d", "c": null}}),
        json!({"a": {"b": "d"}}),
    );
    merge(
        json!({"a": [{"b": "c"}]}),
        json!({"a": [1]}),
        json!({"a": [1]}),
    );
    merge(json!({"e": null}), json!({"a": 1}), json!({"a": 1}));
    merge(
        json!({}),
        json!({"a": {"bb": {"ccc": null}}}),
        json!({"a": {"bb": {}}}),
    );
    // Arrays are replaced, a text becomes an object.
    merge(
        json!({"a": [1, 2, 3]}),
        json!({"a": [4]}),
        json!({"a": [4]}),
    );
    merge(
        json!({"a": 1}),
        json!({"a": {"b": {"c": 2}}}),
        json!({"a": {"b": {"c": 2}}}),
    );
    merge(
        json!({"a": {"b": 1, "c": 2}}),
        json!({"a": {"c": 3}}),
        json!({"a": {"b": 1, "c": 3}}),
    );
}

/// A template rendered for a device with this payload, as twin and as reply alike.
#[track_caller]
fn render(template: Value, payload: Value, expected: Value) {
    let policy = policy(&fleet(&json!({}), &template, &template.to_string()));
    let device = Device::new("Pump-7").linked(&["a.net"]).payload(payload);
    let answer = device.answered(&policy);
    assert_eq!(answer[0]["properties"]["desired"], expected);
    assert_eq!(answer[1], expected);
}

#[test]
fn an_expression_alone_keeps_its_json_type() {
    let payload =
        json!({"s": "text", "i": 7, "n": -1, "f": 0.5, "b": true, "l": [1, "x"], "o": {"k": 1}});
    for member in ["s", "i", "n", "f", "b", "l", "o"] {
        let template = json!({"x": format!("${{payload.{member}}}")});
        render(template, payload.clone(), json!({"x": payload[member]}));
    }
    render(
        json!({"x": "${ payload }"}),
        json!({"a": 1}),
        json!({"x": {"a": 1}}),
    );
    render(
        json!({"x": "${payload.i * 2 + 1}"}),
        payload.clone(),
        json!({"x": 15}),
    );
    render(
        json!({"x": "${payload.i > 5 ? 'big' : 'small'}"}),
        payload.clone(),
        json!({"x": "big"}),
    );
    render(json!({"x": "${size(payload.l)}"}), payload, json!({"x": 2}));
    render(
        json!({"x": "${registrationId}"}),
        json!(null),
        json!({"x": "pump-7"}),
    );
    render(
        json!({"x": "${[tenant, attestation]}"}),
        json!(null),
        json!({"x": ["acme", "symmetricKey"]}),
    );
}

#[test]
fn expressions_within_a_text_become_text() {
    let payload = json!({"s": "t", "i": 7, "f": 0.5, "b": true, "l": [1, "x"], "o": {"k": 1}});
    let text = |template: &str, expected: &str| {
        render(
            json!({"x": template}),
            payload.clone(),
            json!({"x": expected}),
        );
    };
    text("a-${payload.s}-b", "a-t-b");
    text("${payload.s}${payload.i}", "t7");
    text(
        "${payload.f} ${payload.b} ${payload.l} ${payload.o}",
        r#"0.5 true [1,"x"] {"k":1}"#,
    );
    text("${'}'}${\"{\"}", "}{");
    text("${{'a': payload.i}['a']}!", "7!");
    text("${'it\\'s'}!", "it's!");
    text("$ {x} $", "$ {x} $");
    text("{payload.s}", "{payload.s}");
}

#[test]
fn absent_values_are_dropped() {
    let render =
        |template: Value, expected: Value| render(template, json!({"a": 1, "z": null}), expected);
    render(json!({"x": "${payload.b}", "y": 1}), json!({"y": 1}));
    render(json!({"x": "a ${payload.b}", "y": 1}), json!({"y": 1}));
    render(
        json!({"x": "${payload.z}", "y": "${payload.a}"}),
        json!({"y": 1}),
    );
    render(json!({"x": {"in": "${payload.b}"}}), json!({"x": {}}));
    render(
        json!({"x": ["${payload.b}", "${payload.a}", 3]}),
        json!({"x": [1, 3]}),
    );
    render(json!({"x": "${payload.a + 'text'}"}), json!({}));
    render(json!({"x": "${1.0 / 0.0}"}), json!({}));
}

/// What becomes of a twin with this member from the payload.
#[track_caller]
fn limit(template: Value, payload: Value, expected: &str) {
    let policy = policy(&fleet(&json!({}), &template, "-"));
    let device = Device::new("a").linked(&["a.net"]).payload(payload);
    let explanation = device.explained(&policy);
    assert_eq!(explanation.detail.as_deref().unwrap_or("taken"), expected);
    let reason = if expected == "taken" {
        "weighted"
    } else {
        "twinInvalid"
    };
    assert_eq!(explanation.reason, reason);
}

#[test]
fn a_rendered_twin_over_a_limit_is_refused() {
    let x = || json!({"x": "${payload}"});
    limit(x(), json!("y".repeat(4096)), "taken");
    limit(
        x(),
        json!("y".repeat(4097)),
        "`properties.desired.x` is a string of 4097 bytes, IoT Hub allows 4096",
    );
    limit(
        x(),
        json!(1_u64 << 52),
        "`properties.desired.x` is an integer outside -4503599627370496 to 4503599627370495, send it \
         as a string",
    );
    limit(
        x(),
        json!([null]),
        "`properties.desired.x[0]` is null inside an array, which IoT Hub does not allow",
    );
    limit(
        x(),
        json!({"a.b": 1}),
        "`properties.desired.x[\"a.b\"]` has '.' in its key, IoT Hub allows no control character, `.`, \
         `$` or space there",
    );
    let many: Vec<String> = vec!["y".repeat(4096); 9];
    limit(
        x(),
        json!(many),
        "`properties.desired` counts 36865 bytes, IoT Hub allows 32768; remove something",
    );
}

#[test]
fn a_refused_twin_leaves_no_hub_chosen() {
    let policy = policy(&fleet(&json!({}), &json!({"x": "${payload}"}), "-"));
    let device = Device::new("a")
        .linked(&["a.net"])
        .payload("y".repeat(5000));
    let explanation = device.explained(&policy);
    assert_eq!(verdicts(&explanation), ["a.net notReached"]);
    assert_eq!(explanation.outcome, "refused");
    assert_eq!(decided_by(&explanation), "tenants tenant/acme");
}

#[test]
fn a_reply_reaches_the_device() {
    let reply = |reply: &str, expected: Value| {
        let policy = policy(&fleet(&json!({}), &json!({}), reply));
        assert_eq!(
            Device::new("a").linked(&["a.net"]).answered(&policy)[1],
            expected
        );
    };
    reply("-", json!(null));
    reply("{}", json!({}));
    reply(
        r#"{"broker": "mqtt.example.net", "ports": [1883, null]}"#,
        json!({"broker": "mqtt.example.net", "ports": [1883, null]}),
    );
    reply(
        r#"{"tenant": "${tenant}", "gone": "${payload.x}"}"#,
        json!({"tenant": "acme"}),
    );
}
