//! Step 7: what says where a device is, in the order in which it is believed.

use serde_json::json;

use crate::fleet::{Device, policy, steps};
use crate::latency::{ALL, at, check, fleet};

#[test]
fn evidence_is_ranked() {
    // The device's row, the enrollment's row, the certificate's country, the payload.
    check(
        "latency | 0",
        Device::new("sold").through("rows"),
        "neu.net latency",
    );
    check(
        "latency | 0",
        Device::new("lost").through("rows"),
        "eus.net latency",
    );
    check(
        "latency | 0",
        at("dublin").through("berlin"),
        "weu.net latency",
    );
    let region = |device: Device| device.with("/deviceRuntimeContext/payload/region", "boston");
    check("latency | 0", region(at("dublin")), "neu.net latency");
    check("latency | 0", region(at("nowhere")), "eus.net latency");
    check("latency | 0", region(at("")), "eus.net latency");
    check(
        "latency | 0",
        region(Device::new("a").payload(json!({}))),
        "eus.net latency",
    );
    check(
        "latency | 0",
        region(Device::new("a").payload(json!({"location": 7}))),
        "eus.net latency",
    );
    check(
        "latency | 0",
        region(Device::new("a").payload(json!({"location": null}))),
        "eus.net latency",
    );
}

/// A certificate of the country `DE`.
const GERMAN: &str = include_str!("../fixtures/certificate-bmp-names.txt");

#[test]
fn the_certificate_is_read_only_where_its_country_is_asked() {
    check(
        "latency | 0",
        Device::new("a").certificate(GERMAN),
        "weu.net latency",
    );
    check(
        "latency | 0",
        at("boston").certificate(GERMAN),
        "weu.net latency",
    );
    check(
        "latency | 0",
        Device::new("sold").through("rows").certificate(GERMAN),
        "neu.net latency",
    );
    check(
        "latency | 0",
        at("boston").certificate("AAAA"),
        "malformedRequest",
    );
    check(
        "latency | 0",
        Device::new("a").through("berlin").certificate("AAAA"),
        "weu.net latency",
    );
    check(
        "latency | 0 | - | payload.location",
        at("boston").certificate("AAAA"),
        "eus.net latency",
    );
    check(
        "static",
        at("boston").certificate("AAAA"),
        "bare.net static",
    );
}

#[test]
fn location_from_takes_the_place_of_all_other_evidence() {
    let from = |expression: &str| format!("latency | 0 | refuse | {expression}");
    let device = || at("boston").through("berlin");
    check(&from("payload.location"), device(), "eus.net latency");
    check(
        &from("payload.site.split('-')[0]"),
        Device::new("a").payload(json!({"site": "Dublin-7"})),
        "neu.net latency",
    );
    check(&from("'52.4' + ',' + '4.9'"), device(), "weu.net latency");
    check(
        &from("device.location"),
        Device::new("sold").through("rows"),
        "neu.net latency",
    );
    check(&from("payload.site"), device(), "claimMissing");
    check(
        &from("payload.site"),
        device().payload(json!({"site": 1.5})),
        "claimMissing",
    );
    check(&from("'nowhere'"), device(), "claimMissing");
    check(
        &from("cert.subject.country"),
        device().certificate("AAAA"),
        "malformedRequest",
    );
    check(
        &from("cert.subject.country"),
        device().certificate(GERMAN),
        "weu.net latency",
    );
}

#[test]
fn without_a_location_devices_are_placed_by_weight_or_refused() {
    let weighted = |device: Device| {
        let policy = policy(&fleet("latency | - | weighted"));
        let decided = device.linked(&ALL).decided(&policy);
        assert!(decided.ends_with(" weighted"), "{decided}");
    };
    let refused = |device: Device| check("latency | - | refuse", device, "claimMissing");
    for device in [
        Device::new("a"),
        at("atlantis"),
        at("91,0"),
        at("1e3,0"),
        at(&"x".repeat(10_000)),
        Device::new("a").payload("dublin"),
        Device::new("a").payload(json!(["dublin"])),
        Device::new("a").payload(json!({"location": {"lat": 52, "lon": 13}})),
    ] {
        weighted(device.clone());
        refused(device);
    }
    check(
        "latency | - | refuse",
        at("dublin").through("berlin"),
        "weu.net latency",
    );
}

#[test]
fn the_reasons_name_the_evidence() {
    let latency = |device: Device| {
        let explanation = device
            .linked(&ALL)
            .explained(&policy(&fleet("latency | 0")));
        let mut steps = steps(&explanation);
        steps.retain(|step| step.starts_with("latency"));
        steps.join("\n")
    };
    assert_eq!(
        latency(Device::new("a").through("berlin")),
        "latency: the enrollment's row `berlin` -> the nearest hub is 12 ms away; up to 12 ms count \
         [enrollments enrollment/berlin]"
    );
    assert_eq!(
        latency(at("atlantis")),
        "latency: payload.location `atlantis` -> no hub has a latency from there, measured or estimated\n\
         latency: a usable location of the device -> none: placed by weight [tenants tenant/acme]"
    );
}
