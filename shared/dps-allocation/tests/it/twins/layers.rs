//! Step 9: whose twin, laid in which order, and whether DPS applies it.

use dps_allocation::{Decision, TwinEffect};
use serde_json::{Value, json};

use crate::fleet::{Device, policy, steps};

/// Every layer says who it is, and the later ones overwrite `top`.
const LAYERS: &str = r#"
    hubs: twin pools
    a.net | hub
    b.net | - | fresh
    enrollments: tenants deviceRows twin
    group | acme | optional | enrollment
    tenants: twin
    acme | tenant
    rules: when twin
    acme/1 | payload.rule == true | rule
    rollouts: to steps include twin state return
    acme/go | b.net | 0% | rolled* | rollout
    acme/back | b.net | 0% | back* | rollout | aborted | true
    devices: twin
    sold | device
    rolled-sold | device
    twins: tags desired
    */enrollment | {"enrollment": 1, "top": "enrollment"}
    */hub | {"hub": 1, "top": "hub"}
    acme/tenant | {"tenant": 1, "top": "tenant"}
    */tenant | {"wrong": "the tenant's own comes first"}
    acme/rule | {"rule": 1, "top": "rule"}
    acme/rollout | {"rollout": 1, "top": "rollout"}
    */device | {"device": 1, "top": "device"}
"#;

/// The tags that a device gets, without the fixed number.
#[track_caller]
fn tags(device: Device, expected: Value) {
    let policy = policy(LAYERS);
    let answer = device
        .linked(&["a.net", "b.net"])
        .with_row()
        .answered(&policy);
    assert_eq!(answer[0]["tags"], expected);
}

fn ruled(id: &str) -> Device {
    Device::new(id).payload(json!({"rule": true}))
}

#[test]
fn each_layer_is_merged_onto_the_one_before() {
    let fixed = |id| Device::new(id).linked(&["a.net"]);
    let on = |device: Device| device.linked(&["a.net", "b.net"]);
    let new = json!({"enrollment": 1, "hub": 1, "tenant": 1, "top": "tenant"});
    // `pump-3` goes to a.net by its hash.
    tags(fixed("pump-3").on("a.net"), new);
    tags(
        ruled("pump-3").on("a.net"),
        json!({"enrollment": 1, "hub": 1, "tenant": 1, "rule": 1, "top": "rule"}),
    );
    tags(
        on(ruled("rolled")),
        json!({"enrollment": 1, "tenant": 1, "rule": 1, "rollout": 1, "top": "rollout"}),
    );
    tags(
        ruled("sold").on("a.net"),
        json!({"enrollment": 1, "hub": 1, "tenant": 1, "rule": 1, "device": 1, "top": "device"}),
    );
    tags(
        on(ruled("rolled-sold")),
        json!({"enrollment": 1, "tenant": 1, "rule": 1, "rollout": 1, "device": 1, "top": "device"}),
    );
    // A device that is on the rollout's hub already is in it.
    tags(
        Device::new("rolled").on("b.net"),
        json!({"enrollment": 1, "tenant": 1, "rollout": 1, "top": "rollout"}),
    );
    // One that is brought back is not.
    tags(
        Device::new("back").on("b.net"),
        json!({"enrollment": 1, "hub": 1, "tenant": 1, "top": "tenant"}),
    );
}

#[test]
fn the_enrollments_own_twin_is_the_lowest_layer() {
    let own = json!({
        "tags": {"own": 1, "top": "own", "$version": 3},
        "properties": {"desired": {"interval": 60, "$metadata": {}}},
    });
    let policy = policy(LAYERS);
    let device = Device::new("a")
        .linked(&["b.net"])
        .with("/enrollmentGroup/initialTwin", own);
    let expected = json!({
        "tags": {"own": 1, "enrollment": 1, "tenant": 1, "top": "tenant"},
        "properties": {"desired": {"interval": 60}},
    });
    assert_eq!(device.answered(&policy)[0], expected);
}

const PLAIN: &str =
    "hubs:\n a.net\n b.net\n enrollments: tenants\n group | acme\n tenants: twin reply";

#[test]
fn without_a_layer_of_ours_the_field_is_left_out() {
    let policy = policy(&format!("{PLAIN}\n acme"));
    let device = Device::new("a").linked(&["a.net"]);
    let check = |own: Value| {
        let device = device.clone().with("/enrollmentGroup/initialTwin", own);
        assert_eq!(device.answered(&policy), json!([null, null]));
        device.decide(&policy, |decision| {
            let Decision::Assigned(assignment) = decision else {
                panic!("refused")
            };
            let response = serde_json::to_string(&assignment.response()).unwrap();
            assert_eq!(response, r#"{"iotHubHostName":"a.net"}"#);
        });
    };
    check(json!(null));
    check(json!({"tags": {"own": 1}}));
    // Nobody reads it, so it does not matter that it is not one.
    check(json!("not a twin"));
}

#[test]
fn an_invalid_enrollment_twin_is_refused_under_a_layer() {
    let policy = policy(&format!(
        "{PLAIN}\n acme | t\n twins: tags\n acme/t | {{\"x\": 1}}"
    ));
    let check = |own: Value, expected: &str| {
        let device = Device::new("a")
            .linked(&["a.net"])
            .with("/enrollmentGroup/initialTwin", own);
        assert_eq!(device.decided(&policy), expected);
    };
    check(json!(null), "a.net weighted");
    check(json!({}), "a.net weighted");
    check(json!({"tags": null, "properties": null}), "a.net weighted");
    check(
        json!({"tags": {}, "properties": {"desired": null, "reported": 1}}),
        "a.net weighted",
    );
    check(json!("text"), "malformedRequest");
    check(json!({"tags": [1]}), "malformedRequest");
    check(json!({"properties": {"desired": 1}}), "malformedRequest");
}

#[test]
fn a_single_fixed_layer_is_the_twin() {
    let twin = |row: &str| {
        let policy = policy(&format!(
            "{PLAIN}\n acme | t\n twins: tags desired\n acme/t | {row}"
        ));
        Device::new("a").linked(&["a.net"]).answered(&policy)[0].clone()
    };
    let both = json!({"tags": {"a": 1}, "properties": {"desired": {"b": [2, "x"]}}});
    assert_eq!(twin(r#"{"a": 1} | {"b": [2, "x"]}"#), both);
    assert_eq!(
        twin(r#"- | {"b": 1}"#),
        json!({"tags": {}, "properties": {"desired": {"b": 1}}})
    );
    assert_eq!(
        twin(r#"{"a": {"b": null}}"#),
        json!({"tags": {"a": {}}, "properties": {"desired": {}}})
    );
    assert_eq!(
        twin("-"),
        json!({"tags": {}, "properties": {"desired": {}}})
    );
}

/// Whether DPS applies the twin.
#[track_caller]
fn effect(policy_of_enrollment: Value, current: Option<&str>, expected: TwinEffect) {
    let policy = policy(&format!("{PLAIN}\n acme"));
    let mut device = Device::new("a").linked(&["a.net"]);
    device = device.with("/enrollmentGroup/reprovisionPolicy", policy_of_enrollment);
    if let Some(current) = current {
        device = device.on(current);
    }
    device.decide(&policy, |decision| {
        let Decision::Assigned(assignment) = decision else {
            panic!("refused")
        };
        assert_eq!(assignment.twin_effect, expected);
    });
}

#[test]
fn dps_applies_the_twin_first_or_when_a_moved_device_is_reset() {
    let reset = || json!({"updateHubAssignment": true, "migrateDeviceData": false});
    let migrate = || json!({"updateHubAssignment": true, "migrateDeviceData": true});
    effect(reset(), None, TwinEffect::AppliedFirst);
    effect(migrate(), None, TwinEffect::AppliedFirst);
    effect(json!(null), None, TwinEffect::AppliedFirst);
    effect(reset(), Some("a.net"), TwinEffect::IgnoredSameHub);
    effect(reset(), Some("A.NET"), TwinEffect::IgnoredSameHub);
    effect(reset(), Some("b.net"), TwinEffect::AppliedReset);
    effect(reset(), Some("unknown.net"), TwinEffect::AppliedReset);
    effect(
        json!({"migrateDeviceData": false}),
        Some("b.net"),
        TwinEffect::AppliedReset,
    );
    effect(migrate(), Some("b.net"), TwinEffect::IgnoredMigrated);
    effect(json!(null), Some("b.net"), TwinEffect::IgnoredMigrated);
    effect(
        json!({"migrateDeviceData": null}),
        Some("b.net"),
        TwinEffect::IgnoredMigrated,
    );
    let never = json!({"updateHubAssignment": false, "migrateDeviceData": false});
    effect(never, Some("b.net"), TwinEffect::IgnoredMigrated);
}

#[test]
fn the_reasons_name_the_layers_and_what_dps_does() {
    let policy = policy(LAYERS);
    let twin = |device: Device| {
        let explanation = device.linked(&["a.net", "b.net"]).explained(&policy);
        steps(&explanation)
            .into_iter()
            .find(|step| step.starts_with("twin"))
            .unwrap()
    };
    let asked = "twin: the layers of the initial twin ->";
    let reset = json!({"migrateDeviceData": false});
    let rolled = || Device::new("rolled");
    assert_eq!(
        twin(rolled()),
        format!("{asked} enrollment, tenant, rollout: DPS applies it")
    );
    assert_eq!(
        twin(rolled().on("b.net")),
        format!("{asked} enrollment, tenant, rollout: DPS ignores it, the device stays on its hub")
    );
    assert_eq!(
        twin(rolled().on("a.net")),
        format!(
            "{asked} enrollment, tenant, rollout: DPS ignores it, the device's data moves along"
        )
    );
    assert_eq!(
        twin(
            rolled()
                .on("a.net")
                .with("/enrollmentGroup/reprovisionPolicy", reset)
        ),
        format!("{asked} enrollment, tenant, rollout: DPS applies it, the device is reset")
    );
}
