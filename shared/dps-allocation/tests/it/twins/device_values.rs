//! What a device sends fills its own member of a twin, and never removes or replaces another one.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fleet::{Device, policy};

/// The desired properties with `over`, whose expressions read the payload, laid on `under`.
fn laid(under: &Value, over: &Value, payload: &Value) -> Value {
    let policy = policy(&format!(
        "hubs: twin\n a.net | under\n enrollments: tenants\n group | acme\n tenants: twin\n \
         acme | over\n twins: desired\n */under | {under}\n acme/over | {over}"
    ));
    let device = Device::new("Pump-7")
        .payload(payload.clone())
        .linked(&["a.net"]);
    let mut answer = device.answered(&policy);
    answer[0]["properties"]["desired"].take()
}

/// `{"m": "${payload.v}"}` laid on `under`, when the device sends `value`.
#[track_caller]
fn check(under: Value, value: Value, expected: Value) {
    let over = json!({"m": "${payload.v}"});
    let payload = json!({"v": value});
    assert_eq!(laid(&under, &over, &payload), expected, "{under} {payload}");
}

#[test]
fn a_value_fills_its_own_member() {
    check(json!({"a": 1}), json!("x"), json!({"a": 1, "m": "x"}));
    check(json!({"m": 1}), json!("x"), json!({"m": "x"}));
    check(json!({"m": "a"}), json!({"b": 1}), json!({"m": {"b": 1}}));
    check(json!({"m": [1]}), json!([2]), json!({"m": [2]}));
    check(json!({"m": 1}), json!(null), json!({"m": 1}));
    check(
        json!({"m": {"a": 1}}),
        json!({"b": {"c": 2}}),
        json!({"m": {"a": 1, "b": {"c": 2}}}),
    );
}

#[test]
fn it_removes_and_replaces_nothing_else() {
    let under = || json!({"m": {"site": "berlin", "limits": {"max": 7}}, "a": 1});
    for value in [
        json!(null),
        json!(7),
        json!("x"),
        json!(false),
        json!([]),
        json!([{"site": null}]),
        json!({}),
        json!({"site": null}),
        json!({"site": "x", "limits": 7}),
        json!({"site": {"x": 1}, "limits": null}),
        json!({"limits": {"max": null}}),
        json!({"limits": {"max": 8}}),
    ] {
        check(under(), value, under());
    }
    check(
        under(),
        json!({"limits": {"min": 1, "none": null}, "new": {"a": null, "b": 2}}),
        json!({"m": {"site": "berlin", "limits": {"max": 7, "min": 1}, "new": {"b": 2}}, "a": 1}),
    );
}

#[test]
fn it_holds_within_objects_and_texts_and_for_the_operator_nothing_changes() {
    let under = json!({"o": {"m": {"a": 1}, "t": {"a": 1}, "gone": 1}});
    let over = json!({"o": {"m": "${payload.v}", "t": "is ${payload.v}", "gone": null, "new": {"b": "${payload.v}"}}});
    assert_eq!(
        laid(&under, &over, &json!({"v": "x"})),
        json!({"o": {"m": {"a": 1}, "t": {"a": 1}, "new": {"b": "x"}}})
    );
    // Literal members of the template are merged by RFC 7396, also beside expressions.
    let over = json!({"o": 7, "x": "${payload.v}", "list": ["${payload.v}"]});
    assert_eq!(
        laid(&under, &over, &json!({"v": null})),
        json!({"o": 7, "list": []})
    );
}

/// Later layers of the operator's lie on top, as before.
#[test]
fn a_higher_layer_replaces_values_of_the_device() {
    let under = json!({"m": "${payload.v}"});
    let over = json!({"m": {"a": 1}});
    let laid = laid(&under, &over, &json!({"v": {"a": 9, "b": 2}}));
    assert_eq!(laid, json!({"m": {"a": 1, "b": 2}}));
}

#[test]
fn ids_keep_their_case_and_attributes_all_their_values() {
    let over = json!({
        "id": "${registrationIdAsWritten}",
        "lower": "${registrationId}",
        "group": "${enrollment.?deviceId.orValue('none')}",
    });
    assert_eq!(
        laid(&json!({}), &over, &json!(null)),
        json!({"id": "Pump-7", "lower": "pump-7", "group": "none"})
    );
    let policy = policy(
        "hubs: twin\n a.net | t\n enrollments: tenants\n * | acme\n tenants:\n acme\n \
         twins: desired\n */t | {\"units\": \"${cert.subject.organizationalUnits}\"}",
    );
    let units = include_str!("../../fixtures/certificate-three-units.txt").replace('\n', "");
    let device = Device::new("a").certificate(&units).linked(&["a.net"]);
    let answer = device.answered(&policy);
    assert_eq!(
        answer[0]["properties"]["desired"],
        json!({"units": ["tenant-a", "line-7", "berlin"]})
    );
}

/// Any JSON with few names, so that they meet.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3_u8).prop_map(Value::from),
        "[a-c]".prop_map(Value::from),
        Just(json!([1])),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        proptest::collection::btree_map("[a-c]", inner, 0..3).prop_map(|members| {
            members
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()
        })
    })
}

/// Every member of an object that is not an object itself, with its path.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                leaves(value, &format!("{path}/{key}"), found);
            }
        }
        leaf => found.push((path.to_owned(), leaf.clone())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_payload_changes_lower_layers(under in values(), sent in values()) {
        let under = json!({"m": under, "n": 1});
        // Without an expression above: what the lower layer alone gives.
        let alone = laid(&under, &json!({}), &json!(null));
        let together = laid(&under, &json!({"m": "${payload.v}"}), &json!({"v": sent}));
        let mut kept = Vec::new();
        leaves(&alone, "", &mut kept);
        // Its own member may be replaced if it is not an object.
        for (path, value) in kept.into_iter().filter(|(path, _)| path != "/m") {
            prop_assert_eq!(together.pointer(&path), Some(&value), "{} {}", path, together);
        }
    }
}
