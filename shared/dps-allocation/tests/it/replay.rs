//! Replays: decisions again, without payload, certificate and twin.

use dps_allocation::wire::Text;
use dps_allocation::{
    Attestation, Evidence, Explanation, NotRecorded, Policy, Registration, RegistrationId, Version,
};
use dps_allocation::{decide_with_evidence, explain, replay};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::fleet::{Device, policy};

const FLEET: &str = "
    hubs: region
    weu.net | westeurope
    neu.net | northeurope
    eus.net | eastus
    enrollments: tenants tenantFrom twin
    group | acme
    claims | acme;beta | payload.tenant
    any | * | payload.tenant
    lost | lost
    named | named
    marked | acme | - | site
    spelt | spelt
    both | both
    tenants: placement withoutLocation locationFrom
    acme | latency
    beta
    lost | latency | refuse
    named | latency | - | cert.subject.country
    spelt
    both
    rules: when hub refuse mode unless hubFrom
    acme/1 | payload.model == \"recalled\" | - | true
    acme/2 | payload.to == registrationId | eus.net
    acme/3 | enrollment.id == \"none\" | neu.net
    both/9 | payload.ban == true | - | true | also
    both/1 | payload.a == 1 | eus.net | - | - | payload.b == 1
    named/1 | - | - | - | - | - | payload.hub
    spelt/1 | registrationIdAsWritten == \"Pump-7\" | eus.net
    spelt/2 | enrollment.?deviceId.orValue(\"\") == \"PUMP\" | eus.net
    spelt/3 | enrollment.exists(m, enrollment[m] == \"PUMP\") | eus.net
    latency: milliseconds
    berlin/westeurope | 12
    berlin/northeurope | 20
    twins: tags
    */site | {\"site\": \"${payload.site}\"}
";

/// The registration as a log gives it back.
pub(crate) fn withheld<'a>(registration: &Registration<'a>) -> Registration<'a> {
    let mut withheld = registration.clone();
    withheld.payload = withheld.payload.map(|_| RawValue::NULL);
    withheld.enrollment.initial_twin = None;
    withheld.enrollment.device_id = None;
    withheld.id = RegistrationId::parse(registration.id.as_str().to_owned()).unwrap();
    if let Some(Attestation::X509(Some(_))) = withheld.attestation {
        withheld.attestation = Some(Attestation::X509(Some(Text("".into()))));
    }
    withheld
}

fn replayed(
    device: &Device,
    policy: &Policy,
    later: &Policy,
) -> (Value, Explanation, Result<Explanation, NotRecorded>) {
    let body = device.body();
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let facts = device.facts(policy);
    let (_, evidence) = decide_with_evidence(policy, &registration, &facts);
    let json = serde_json::to_value(&evidence).unwrap();
    let evidence: Evidence = serde_json::from_value(json.clone()).unwrap();
    let explained = explain(policy, &registration, &facts);
    let registration = withheld(&registration);
    let replayed = replay(later, &registration, &facts, Version::NEWEST, &evidence);
    (json, explained, replayed)
}

/// A replay decides the same as the request did; the evidence is `expected`.
#[track_caller]
fn check(device: Device, expected: Value) {
    let policy = policy(FLEET);
    let (evidence, explained, replayed) = replayed(&device, &policy, &policy);
    assert_eq!(evidence, expected);
    let replayed = replayed.unwrap();
    assert_eq!(brief(&explained), brief(&replayed));
}

/// What a replay is to give back.
pub(crate) fn brief(explanation: &Explanation) -> (&str, &str, Option<&str>, Option<&str>, Value) {
    let response = explanation.response.as_ref();
    let response: Option<Value> = response.map(|it| serde_json::from_str(it.get()).unwrap());
    (
        explanation.outcome,
        explanation.reason,
        explanation.tenant.as_deref(),
        explanation.rollout.as_deref(),
        response.unwrap_or_default()["iotHubHostName"].take(),
    )
}

fn device(group: &str) -> Device {
    Device::new("a")
        .through(group)
        .linked(&["weu.net", "neu.net", "eus.net"])
}

fn kept(asked: &str, found: Value) -> Value {
    json!({"asked": asked, "found": found})
}

/// A certificate of the country `DE`.
const GERMAN: &str = include_str!("../fixtures/certificate-bmp-names.txt");

#[test]
fn without_payload_and_certificate_nothing_is_kept() {
    check(device("group"), json!([]));
    check(device("claims"), json!([]));
    check(device("lost"), json!([]));
    check(device("nobody"), json!([]));
}

#[test]
fn conditions_are_kept() {
    let first = |held: bool| kept("rules acme/1 when", json!({"condition": held}));
    let second = |held: bool| kept("rules acme/2 when", json!({"condition": held}));
    let nowhere = || kept("payload.location", json!("noPlace"));
    let no_region = || kept("payload.region", json!("noPlace"));
    check(
        device("group").payload(json!({"model": "recalled"})),
        json!([first(true)]),
    );
    check(
        device("group").payload(json!({"to": "a"})),
        json!([first(false), second(true)]),
    );
    check(
        device("group").payload(json!({})),
        json!([first(false), second(false), nowhere(), no_region()]),
    );
    // A rule that refuses does not admit a device for which its condition fails.
    let no_member = |name: &str| json!({"conditionFailed": {"type": [name, "string"]}});
    check(
        device("group").payload("text"),
        json!([kept("rules acme/1 when", no_member(".model"))]),
    );
    check(
        device("group").payload(json!({"model": "x", "to": {"a": 1}})),
        json!([first(false), second(false), nowhere(), no_region()]),
    );
}

#[test]
fn also_rules_and_unless_are_kept() {
    let learned =
        |rule: &str, held: bool| kept(&format!("rules both/{rule}"), json!({"condition": held}));
    let device = |payload: Value| device("both").payload(payload);
    check(
        device(json!({"ban": true})),
        json!([learned("9 when", true)]),
    );
    check(
        device(json!({"a": 1})),
        json!([
            learned("9 when", false),
            learned("1 when", true),
            learned("1 unless", false)
        ]),
    );
    check(
        device(json!({"a": 1, "b": 1})),
        json!([
            learned("9 when", false),
            learned("1 when", true),
            learned("1 unless", true)
        ]),
    );
    let no_member = json!({"conditionFailed": {"type": [".ban", "string"]}});
    check(
        device(json!("text")),
        json!([kept("rules both/9 when", no_member)]),
    );
}

#[test]
fn hubs_are_kept_where_they_are_known() {
    let learned = |found: Value| json!([kept("rules named/1 hubFrom", found)]);
    let named = |hub: Value| device("named").payload(json!({"hub": hub}));
    check(named(json!("NEU.net")), learned(json!({"hub": "neu.net"})));
    check(named(json!("marked")), learned(json!("otherHub")));
    check(named(json!(null)), learned(json!("noHub")));
}

/// A log holds registration ids in lower case, and no device ids.
#[test]
fn conditions_on_ids_as_they_are_written_are_kept() {
    let held = |rule: u8, held: bool| {
        kept(
            &format!("rules spelt/{rule} when"),
            json!({"condition": held}),
        )
    };
    let device = |id: &str| {
        Device::new(id)
            .through("spelt")
            .linked(&["weu.net", "eus.net"])
    };
    check(device("Pump-7"), json!([held(1, true)]));
    check(
        device("pump-7"),
        json!([held(1, false), held(2, false), held(3, false)]),
    );
}

#[test]
fn claims_are_kept_where_they_are_tenants() {
    let claim = |group: &str, found: Value| {
        kept(&format!("enrollments enrollment/{group} tenantFrom"), found)
    };
    let says = |group: &str, tenant: &str| device(group).payload(json!({"tenant": tenant}));
    check(
        says("claims", "beta"),
        json!([claim("claims", json!({"tenant": "beta"}))]),
    );
    check(
        says("claims", "lost"),
        json!([claim("claims", json!({"tenant": "lost"}))]),
    );
    check(
        says("claims", "marked"),
        json!([claim("claims", json!("otherTenant"))]),
    );
    check(
        says("any", "marked"),
        json!([claim("any", json!("otherTenant"))]),
    );
    check(
        device("claims").payload(json!({})),
        json!([claim("claims", json!("noTenant"))]),
    );
}

#[test]
fn places_are_kept_where_everybody_knows_them() {
    let at = |place: &str| device("lost").payload(json!({"location": place}));
    let place = |name: &str| json!([kept("payload.location", json!({"place": name}))]);
    check(at("Berlin"), place("berlin"));
    check(at("East US"), place("eastus"));
    check(
        at("52.4, 4.9"),
        json!([kept("payload.location", json!({"near": ["weu.net"]}))]),
    );
    let object = |value: Value| device("lost").payload(json!({"location": value}));
    check(
        object(json!({"lat": 52.4, "lon": 4.9})),
        json!([kept("payload.location", json!({"near": ["weu.net"]}))]),
    );
    check(
        object(json!({"site": "marked"})),
        json!([
            kept("payload.location", json!("noPlace")),
            kept("payload.region", json!("noPlace"))
        ]),
    );
    check(
        at("marked"),
        json!([
            kept("payload.location", json!("noPlace")),
            kept("payload.region", json!("noPlace"))
        ]),
    );
    check(
        device("named").certificate(GERMAN),
        json!([kept("locationFrom", json!("noPlace"))]),
    );
}

#[test]
fn broken_parts_are_kept_as_such() {
    let broken = |asked: &str, part: &str| json!([kept(asked, json!({"unreadable": part}))]);
    check(
        device("lost").certificate("AAAA"),
        broken("the certificate's country", "certificate"),
    );
    check(
        device("named").certificate("AAAA"),
        broken("locationFrom", "certificate"),
    );
    let deep = format!("{}1{}", "[".repeat(120), "]".repeat(120));
    let deep: Value = serde_json::from_str(&deep).unwrap();
    let (evidence, explained, replayed) = {
        let policy = policy(FLEET);
        replayed(
            &device("marked").payload(json!({"site": "x".repeat(9000)})),
            &policy,
            &policy,
        )
    };
    assert_eq!(explained.reason, "twinInvalid");
    assert_eq!(replayed.unwrap().reason, "twinInvalid");
    assert!(evidence.to_string().contains("twinInvalid"), "{evidence}");
    check(device("any").payload(deep), {
        let asked = "enrollments enrollment/any tenantFrom";
        json!([kept(asked, json!("noTenant"))])
    });
}

#[test]
fn unrecorded_questions_cannot_be_replayed() {
    let before = policy(FLEET);
    let later = policy(&FLEET.replace("acme/2 | payload.to ==", "acme/0 | payload.to =="));
    let device = device("group").payload(json!({"to": "marked"}));
    let (_, _, replayed) = replayed(&device, &before, &later);
    let message = replayed.unwrap_err().to_string();
    assert!(
        message.contains("has no answer to `rules acme/0 when`")
            && message.contains("the request itself"),
        "{message}"
    );
}
