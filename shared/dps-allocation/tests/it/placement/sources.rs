//! Step 7: what says where a device is, in the order in which it is believed.

use serde_json::json;

use super::latency::{ALL, at, check, fleet};
use crate::fleet::{Device, policy, steps};

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
const GERMAN: &str = include_str!("../../fixtures/certificate-bmp-names.txt");

#[test]
fn the_certificate_is_read_only_for_its_country() {
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
fn location_from_replaces_all_other_sources() {
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
fn a_payload_says_coordinates_in_the_common_forms() {
    let claims =
        |location: serde_json::Value| Device::new("a").payload(json!({"location": location}));
    let here = |location| check("latency | 0 | refuse", claims(location), "eus.net latency");
    here(json!({"lat": 40.7, "lon": -74.0}));
    here(json!({"lat": "40.7", "lng": "-74", "alt": 10}));
    here(json!({"Latitude": 40.7, "Longitude": -74}));
    here(json!({"type": "Point", "coordinates": [-74.0, 40.7]}));
    here(json!({"type": "Point", "coordinates": [-74, 40.7, 10]}));
    here(json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [-74, 40.7]}}));
    here(json!([40.7, -74]));
    here(json!("40.7,-74"));
    let from = "latency | 0 | refuse | payload.location";
    check(
        from,
        claims(json!({"lat": 40.7, "lon": -74.0})),
        "eus.net latency",
    );
    check(from, claims(json!(true)), "claimMissing");
}

#[test]
fn other_claims_are_ignored_with_the_reason() {
    let policy = policy(&fleet("latency | 0 | refuse"));
    let ignored = |location: serde_json::Value, why: &str| {
        let device = Device::new("a")
            .payload(json!({"location": location.clone()}))
            .linked(&ALL);
        assert_eq!(device.decided(&policy), "claimMissing", "{location}");
        let steps = steps(&device.explained(&policy));
        let step = steps
            .iter()
            .find(|step| step.starts_with("latency: payload.location ->"));
        let step = step.unwrap_or_else(|| panic!("{location}: {steps:?}"));
        assert!(step.contains("ignored: ") && step.contains(why), "{step}");
    };
    for object in [
        json!({"site": "berlin"}),
        json!({"lat": 52}),
        json!({"type": "LineString", "coordinates": [[13, 52], [14, 52]]}),
        json!({"type": "Feature", "geometry": {"type": "Feature", "geometry": {"lat": 1, "lon": 2}}}),
    ] {
        ignored(object, "GeoJSON point");
    }
    ignored(json!(["berlin"]), "a list must hold");
    ignored(json!(["a", "b"]), "must be numbers of degrees");
    ignored(json!({"lat": null, "lon": 1}), "must be numbers of degrees");
    ignored(json!({"lat": 139.77, "lon": 35.68}), "latitudes are from");
    ignored(
        json!({"type": "Point", "coordinates": [35.68, 139.77]}),
        "latitudes are from",
    );
    ignored(json!(7), "not a string, an object or a list");
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
