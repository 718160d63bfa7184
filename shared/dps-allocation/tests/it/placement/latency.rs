//! Step 7: the nearest hubs, by ranked evidence of where the device is.

use serde_json::json;

use crate::fleet::{Device, decided_by, policy, steps, verdicts};

const FLEET: &str = "
    hubs: region weight
    weu.net | westeurope | 1
    neu.net | northeurope | 1
    eus.net | East US | 1
    off.net | moonbase | 1
    bare.net | - | 1
    enrollments: tenants location deviceRows
    group | acme
    berlin | acme | Berlin
    rows | acme | boston | optional
    latency: milliseconds
    berlin/westeurope | 12
    berlin/northeurope | 25
    berlin/eastus | 90
    boston/eastus | 10
    dublin/northeurope | 3
    dublin/westeurope | 13
    de/westeurope | 12
    moon/moonbase | 1300
    zürich/westeurope | 10
    devices: location
    sold | DUB lin
    lost | nowhere
";
pub(crate) const ALL: [&str; 5] = ["weu.net", "neu.net", "eus.net", "off.net", "bare.net"];

pub(crate) fn fleet(tenant: &str) -> String {
    let columns = "placement toleranceMs withoutLocation locationFrom";
    format!("{FLEET}\n tenants: {columns}\n acme | {tenant}")
}

#[track_caller]
pub(crate) fn check(tenant: &str, device: Device, expected: &str) {
    let policy = policy(&fleet(tenant));
    let device = device.linked(&ALL).with_row();
    assert_eq!(device.decided(&policy), expected, "{tenant}");
}

pub(crate) fn at(place: &str) -> Device {
    Device::new("a").payload(json!({"location": place}))
}

#[test]
fn the_nearest_hub_by_measurement() {
    check(
        "latency | 0",
        Device::new("a").through("berlin"),
        "weu.net latency",
    );
    check("latency | 0", at("boston"), "eus.net latency");
    check("latency | 0", at(" BOS\tTON "), "eus.net latency");
    check("latency | 0", at("dublin"), "neu.net latency");
    check("latency | 0", at("Zürich"), "weu.net latency");
}

#[test]
fn hubs_within_the_tolerance_are_equally_near() {
    let near = |tolerance: &str| {
        let policy = policy(&fleet(&format!("latency | {tolerance}")));
        let explanation = at("berlin").linked(&ALL).explained(&policy);
        verdicts(&explanation).join(", ").replace(".net", "")
    };
    let one = "bare latencyUnknown, eus tooFar, neu tooFar, off latencyUnknown, weu chosen";
    assert_eq!(near("12"), one);
    assert_eq!(near("-"), one);
    let two = "bare latencyUnknown, eus tooFar, neu notDrawn, off latencyUnknown, weu chosen";
    assert_eq!(near("13"), two);
    assert_eq!(near("77"), two);
    let three = "bare latencyUnknown, eus notDrawn, neu notDrawn, off latencyUnknown, weu chosen";
    assert_eq!(near("78"), three);
    assert_eq!(near("60000"), three);
    // The default is 10 ms.
    let tolerant = policy(&fleet("latency"));
    let explanation = at("dublin").linked(&ALL).explained(&tolerant);
    let near: Vec<String> = verdicts(&explanation);
    assert!(
        near.iter()
            .any(|hub| hub == "weu.net notDrawn" || hub == "weu.net chosen"),
        "{near:?}"
    );
}

#[test]
fn unmeasured_latencies_are_estimated_by_distance() {
    check("latency | 0", at("northeurope"), "neu.net latency");
    check("latency | 0", at("East-US"), "eus.net latency");
    check("latency | 0", at("52.37, 4.90"), "weu.net latency");
    check("latency | 0", at("40.7,-74.0"), "eus.net latency");
    let policy = policy(&fleet("latency | 0"));
    let explanation = at("52.37,4.90").linked(&ALL).explained(&policy);
    let step = steps(&explanation)
        .into_iter()
        .find(|step| step.starts_with("latency"))
        .unwrap();
    assert!(
        step.contains("payload.location `52.37,4.90` -> the nearest hub is "),
        "{step}"
    );
    assert!(step.contains(" ms away (estimated); up to "), "{step}");
    // Measured here and estimated there: both count.
    check("latency | 0", at("moon"), "off.net latency");
}

#[test]
fn a_rule_or_a_fixed_hub_may_change_how_it_is_placed() {
    let rule = |tenant: &str, rule: &str, expected: &str| {
        let policy = policy(&format!(
            "{}\n rules: placement hub\n acme/1 | {rule}",
            fleet(tenant)
        ));
        let explanation = at("dublin").linked(&ALL).explained(&policy);
        let decided = at("dublin").linked(&ALL).decided(&policy);
        assert_eq!(
            format!("{decided} by {}", decided_by(&explanation)),
            expected
        );
    };
    rule("weighted | 0", "latency", "neu.net latency by rules acme/1");
    rule("latency | 0", "static", "bare.net static by rules acme/1");
    rule(
        "latency | 0",
        "- | off.net",
        "off.net fixedHub by rules acme/1",
    );
    rule("latency | 0", "latency", "neu.net latency by rules acme/1");
}

#[test]
fn weight_zero_gets_no_device_even_if_nearest() {
    let check = |hubs: &str, expected: &str| {
        let text = fleet("latency | 10").replace("neu.net | northeurope | 1", hubs);
        let explanation = at("dublin").linked(&ALL).explained(&policy(&text));
        assert_eq!(
            verdicts(&explanation).join(", ").replace(".net", ""),
            expected
        );
    };
    let near =
        "bare latencyUnknown, eus latencyUnknown, neu weightZero, off latencyUnknown, weu chosen";
    check("neu.net | northeurope | 0", near);
    // Beyond the tolerance of the nearest, but the nearest accepts no new devices.
    let text =
        fleet("latency | 5").replace("neu.net | northeurope | 1", "neu.net | northeurope | 0");
    assert_eq!(
        at("dublin").linked(&ALL).decided(&policy(&text)),
        "weu.net latency"
    );
    // A rollout that leaves only hubs of weight 0 reaches them.
    let text = format!("{text}\n rollouts: to steps\n acme/go | neu.net | 100%");
    assert_eq!(
        at("dublin").linked(&ALL).decided(&policy(&text)),
        "neu.net rollout"
    );
}
