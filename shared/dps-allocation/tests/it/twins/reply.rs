//! Step 9: replies in layers, and the chosen hub in twins and replies.

use dps_allocation::Decision;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::fleet::{Device, findings, policy, steps};

/// Every layer says who it is, and the later ones overwrite `top`.
const LAYERS: &str = r#"
    hubs: twin pools region geography
    a.net | hub | - | West Europe | EU
    b.net | - | fresh | 52.5,13.4
    enrollments: tenants deviceRows twin
    group | acme;plain | optional | enrollment
    alone | plain
    none | bare
    tenants: twin reply
    acme | tenant | {"column": 1, "top": "column", "gone": null}
    plain | - | {"column": 1, "kept": null}
    bare
    rules: when twin refuse
    acme/0 | payload.refused == true | tenant | true
    acme/1 | payload.rule == true | rule
    rollouts: to steps include twin state return
    acme/go | b.net | 0% | rolled* | rollout
    acme/back | b.net | 0% | back* | rollout | aborted | true
    devices: tenant twin
    sold | acme | device
    rolled-sold | acme | device
    rolled | acme
    back | acme
    pump-3 | acme
    twins: reply tags
    */enrollment | {"enrollment": 1, "top": "enrollment", "gone": 1}
    */hub | {"hub": 1, "top": "hub"}
    acme/tenant | {"tenant": 1, "top": "tenant", "gone": 2}
    acme/rule | {"rule": 1, "top": "rule"} | {"x": 1}
    acme/rollout | {"rollout": 1, "top": "rollout"}
    */device | {"device": 1, "top": "device", "column": null}
"#;

#[track_caller]
fn reply(device: Device, expected: Value) {
    let policy = policy(LAYERS);
    let device = device.linked(&["a.net", "b.net"]).with_row();
    assert_eq!(device.answered(&policy)[1], expected);
}

fn ruled(id: &str) -> Device {
    Device::new(id).payload(json!({"rule": true}))
}

#[test]
fn each_layer_is_merged_onto_the_one_before() {
    let base = json!({"enrollment": 1, "hub": 1, "tenant": 1, "column": 1, "top": "column"});
    let with = |members: Value, without: &[&str]| {
        let mut all = base.as_object().unwrap().clone();
        all.extend(members.as_object().unwrap().clone());
        all.retain(|name, _| !without.contains(&&**name));
        Value::Object(all)
    };
    reply(Device::new("pump-3").on("a.net"), base.clone());
    reply(
        ruled("pump-3").on("a.net"),
        with(json!({"rule": 1, "top": "rule"}), &[]),
    );
    reply(
        ruled("rolled"),
        with(json!({"rule": 1, "rollout": 1, "top": "rollout"}), &["hub"]),
    );
    reply(
        ruled("sold").on("a.net"),
        with(
            json!({"rule": 1, "device": 1, "top": "device"}),
            &["column"],
        ),
    );
    reply(
        ruled("rolled-sold"),
        with(
            json!({"rule": 1, "rollout": 1, "device": 1, "top": "device"}),
            &["hub", "column"],
        ),
    );
    // A device that is on the rollout's hub already is in it; one that is brought back is not.
    reply(
        Device::new("rolled").on("b.net"),
        with(json!({"rollout": 1, "top": "rollout"}), &["hub"]),
    );
    reply(Device::new("back").on("b.net"), base);
}

/// Unlike an initial twin, which DPS ignores while a device stays.
#[test]
fn every_registration_gets_the_reply() {
    let policy = policy(LAYERS);
    let first = Device::new("sold").linked(&["a.net"]).with_row();
    let again = first.clone().on("a.net");
    let moved = first.clone().on("gone.net");
    let replies = [first, again, moved].map(|device| device.answered(&policy)[1].clone());
    assert!(replies[0]["hub"] == 1, "{replies:?}");
    assert!(replies.iter().all(|it| *it == replies[0]), "{replies:?}");
}

#[test]
fn a_refused_device_gets_none() {
    let policy = policy(LAYERS);
    for on in [None, Some("a.net")] {
        let mut device = Device::new("sold").linked(&["a.net"]).with_row();
        if let Some(hub) = on {
            device = device.on(hub);
        }
        let device = device.payload(json!({"refused": true}));
        assert_eq!(device.decided(&policy), "refusedByRule");
        let explanation = device.explained(&policy);
        assert!(explanation.response.is_none());
    }
}

#[test]
fn a_tenants_reply_alone_is_as_it_is_written() {
    let answer = |group: &str, device: Device| {
        let device = device.through(group).linked(&["b.net"]);
        device.answered(&policy(LAYERS))
    };
    let reply = json!({"column": 1, "kept": null});
    assert_eq!(answer("alone", Device::new("a")), json!([null, reply]));
    assert_eq!(answer("none", Device::new("a")), json!([null, null]));
}

/// So that the twin of the enrollment in DPS stays in force.
#[test]
fn a_row_with_a_reply_only_is_not_a_layer_of_the_twin() {
    let policy = policy(LAYERS);
    let device = |id: &str| Device::new(id).linked(&["a.net"]).with_row();
    assert_eq!(device("sold").answered(&policy)[0], Value::Null);
    let ruled = device("sold").payload(json!({"rule": true}));
    assert_eq!(ruled.answered(&policy)[0]["tags"], json!({"x": 1}));
    let explained = ruled.explained(&policy);
    let found = steps(&explained).join("\n");
    let twin = "twin: the layers of the initial twin -> rule: DPS applies it";
    let reply = "twin: the layers of the reply -> enrollment, hub, tenant, rule, device";
    assert!(found.contains(twin) && found.contains(reply), "{found}");
    // A row that has neither is the empty layer that it was.
    let empty = self::policy(
        "hubs: twin\na.net | t\nenrollments: tenants\ngroup | t\ntenants:\nt\ntwins: reply\n*/t",
    );
    let answer = Device::new("a").linked(&["a.net"]).answered(&empty);
    assert_eq!(
        answer,
        json!([{"tags": {}, "properties": {"desired": {}}}, null])
    );
}

#[test]
fn debug_hides_answers_and_templates() {
    let text = LAYERS.replace("\"top\": \"device\"", "\"top\": \"marked\"");
    let policy = policy(&text);
    let device = Device::new("sold").linked(&["a.net"]).with_row();
    assert_eq!(device.answered(&policy)[1]["top"], "marked");
    let decision = device.decide(&policy, |decision| match &decision {
        Decision::Assigned(assignment) => format!("{decision:?} {:?}", assignment.response()),
        _ => panic!("{decision:?}"),
    });
    let explanation = format!("{:?}", device.explained(&policy));
    let tables = format!("{:?}", crate::fleet::tables(&text));
    for shown in [decision, explanation, tables, format!("{policy:?}")] {
        assert!(!shown.contains("marked"), "{shown}");
    }
}

/// Tags and reply of a device on one of two hubs.
#[track_caller]
fn of_hub(template: Value, device: Device, expected: Value) {
    let policy = policy(&format!(
        "hubs: region geography
        c-1.azure-devices.net | West Europe | EU
        plain.net
        coordinates.net | 52.5, 13.4
        enrollments: tenants
        group | acme
        tenants: twin reply
        acme | t | {template}
        twins: tags reply
        */t | {template} | {{\"x\": 1}}"
    ));
    let answer = device.answered(&policy);
    let mut reply = answer[1].clone();
    assert_eq!(reply.as_object_mut().unwrap().remove("x"), Some(json!(1)));
    assert_eq!(reply, expected);
    assert_eq!(answer[0]["tags"], expected);
}

#[test]
fn twins_and_replies_know_the_hub() {
    let all = || {
        json!({
            "n": "${hub.name}",
            "r": "${hub.region}",
            "g": "${hub.geography}",
            "t": "at ${hub.name} in ${hub.?region.orValue('nowhere')}",
        })
    };
    let linked = |hub: &str| Device::new("a").linked(&[hub]);
    let home = json!({
        "n": "c-1.azure-devices.net",
        "r": "westeurope",
        "g": "eu",
        "t": "at c-1.azure-devices.net in westeurope",
    });
    of_hub(all(), linked("C-1.azure-devices.net"), home.clone());
    // By its classic name, whichever is linked.
    of_hub(all(), linked("c-1.device.azure-devices.net"), home.clone());
    let again = linked("c-1.azure-devices.net").on("c-1.device.azure-devices.net");
    of_hub(all(), again, home.clone());
    // The new one, and not the one that the device has.
    of_hub(all(), linked("c-1.azure-devices.net").on("plain.net"), home);
    let plain = json!({"n": "plain.net", "t": "at plain.net in nowhere"});
    of_hub(all(), linked("plain.net"), plain);
    let map = json!({"h": "${hub}"});
    let whole = json!({"h": {"name": "coordinates.net", "region": "52.5,13.4"}});
    of_hub(map, linked("coordinates.net"), whole);
    let template = json!({"m": "${currentHub} to ${hub.name}"});
    let moved = json!({"m": "plain.net to coordinates.net"});
    of_hub(template, linked("coordinates.net").on("plain.net"), moved);
}

#[test]
fn no_condition_knows_the_hub() {
    let tables = |of: &str| {
        format!("hubs:\na.net\nenrollments: tenants\ngroup | acme\ntenants:\nacme\n{of}")
    };
    for of in [
        "rules: when\nacme/1 | hub.name == 'a.net'",
        "rollouts: to steps when\nacme/1 | a.net | 1% | has(hub.region)",
        "enrollments: tenants tenantFrom\nx | acme | hub.geography",
        "tenants: locationFrom\nbeta | hub.region",
        "tenants: groupFrom\nbeta | hub.name + registrationId",
    ] {
        let found = findings(&tables(of));
        assert!(
            found.contains("reads `hub`, which is not chosen yet"),
            "{of}: {found}"
        );
        assert!(found.contains("`currentHub` is the hub"), "{of}: {found}");
    }
    // The name is free within macros.
    let own = "rules: when\nacme/1 | payload.hubs.exists(hub, hub == 'x')";
    assert_eq!(findings(&tables(own)), "");
    let typo = tables("twins: reply\n*/t | {\"a\": \"${hub.nmae}\"}");
    let found = findings(&typo);
    assert!(found.contains("`hub` has no member `nmae`"), "{found}");
}

#[test]
fn a_broken_reply_of_a_twin_is_found() {
    let tables = "hubs: twin\na.net | t\nenrollments: tenants\ngroup | acme\ntenants:\nacme\n\
                  twins: reply\n*/t | ";
    for (cell, expected) in [
        ("[1]", "column reply: not a JSON object"),
        ("{\"a\": \"${payload.x\"}", "column reply: "),
        ("{\"a\": \"${nobody}\"}", "column reply: "),
    ] {
        let found = findings(&format!("{tables}{cell}"));
        assert!(found.contains(expected), "{cell}: {found}");
    }
}

/// IoT Hub allows no null in a list.
fn value() -> impl Strategy<Value = Value> {
    let plain = || {
        prop_oneof![
            (0..3_i64).prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::from("x")),
        ]
    };
    let expression = select(
        &[
            "${payload.a}",
            "${payload.b}",
            "at ${payload.c}",
            "${hub.name}",
        ][..],
    );
    let leaf = prop_oneof![
        Just(Value::Null),
        plain(),
        expression.prop_map(Value::from),
        prop::collection::vec(plain(), 0..3).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| object(inner).prop_map(Value::Object))
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let name = select(&["a", "b", "c"][..]).prop_map(str::to_owned);
    prop::collection::hash_map(name, inner, 0..4).prop_map(|members| members.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn replies_merge_like_desired_properties(
        layers in prop::collection::vec(object(value()), 6),
        payload in object(value()),
    ) {
        let [enrollment, hub, tenant, rule, rollout, device] = &layers[..] else { unreachable!() };
        let cells = |layer: &Map<String, Value>| {
            let json = Value::Object(layer.clone());
            format!("{json} | {json}")
        };
        let policy = policy(&format!(
            "hubs: twin\na.net | hub
            enrollments: tenants twin deviceRows\ngroup | acme | enrollment | required
            tenants: twin\nacme | tenant
            rules: twin\nacme/1 | rule
            rollouts: to steps twin\nacme/1 | a.net | 100% | rollout
            devices: twin\na | device
            twins: desired reply
            */enrollment | {}\n*/hub | {}\n*/tenant | {}\n*/rule | {}\n*/rollout | {}\n*/device | {}",
            cells(enrollment),
            cells(hub),
            cells(tenant),
            cells(rule),
            cells(rollout),
            cells(device),
        ));
        let device = Device::new("a").linked(&["a.net"]).payload(payload).with_row();
        let answer = device.answered(&policy);
        prop_assert_eq!(&answer[0]["properties"]["desired"], &answer[1]);
    }
}
