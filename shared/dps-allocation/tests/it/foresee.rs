//! Decisions about registrations, some parts of which are not known.

use dps_allocation::{
    Decision, Evidence, Known, Part, Parts, Registration, Version, decide, deciding_row, foresee,
};
use serde_json::json;

use crate::fleet::{Device, policy, row_text};

const FLEET: &str = "
    hubs: region profile
    weu.net | westeurope
    eus.net | eastus
    v5.net | westeurope | mqttV5
    enrollments: tenants tenantFrom twin profile
    plain | plain
    site | plain | - | site
    fixed | plain | - | fixed
    any | plain | - | - | both
    claims | * | payload.tenant
    acme | acme
    near | near
    edge | edge
    named | named
    spelt | spelt
    back | back
    tenants: placement reply
    plain
    acme
    near | latency
    edge
    named
    spelt
    back | - | {\"serial\": \"${cert.subject.commonName}\"}
    rules: when hub
    acme/1 | payload.model == \"recalled\" | eus.net
    edge/1 | iotEdge | eus.net
    named/1 | enrollment.?namespaceName.orValue(\"\") == \"b\" | eus.net
    named/2 | enrollment.id == \"named\" | weu.net
    spelt/1 | registrationIdAsWritten == \"Pump-7\" | eus.net
    twins: tags
    */site | {\"site\": \"${payload.site}\"}
    */fixed | {\"site\": \"here\"}
";

const ALL: [Part; 6] = [
    Part::Payload,
    Part::Certificate,
    Part::Attestation,
    Part::IotEdge,
    Part::Enrollment,
    Part::SpellingOfId,
];

/// What is decided about a device whose request has none of the `unknown` parts: `hub reason`, with
/// `*` where twin and reply are not known, or `? question`.
#[track_caller]
fn check(group: &str, unknown: &[Part], expected: &str) {
    let policy = policy(FLEET);
    let device = Device::new("a").through(group);
    let device = device.linked(&["weu.net", "eus.net", "v5.net"]);
    let body = device.body();
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let known = Known::AllBut(unknown.iter().copied().collect());
    let facts = device.facts(&policy);
    let found = match foresee(&policy, &registration, &facts, known) {
        Err(missing) => format!("? {}", missing.asked()),
        Ok(foreseen) => {
            let mark = if foreseen.twin_is_known { "" } else { " *" };
            match foreseen.decision {
                Decision::Assigned(it) => format!("{} {}{mark}", it.hub, it.reason.as_str()),
                other => format!("{other:?}"),
            }
        }
    };
    assert_eq!(found, expected);
}

#[test]
fn what_is_not_read_need_not_be_known() {
    check("plain", &ALL, "weu.net weighted");
    check("fixed", &ALL, "weu.net weighted");
    check("named", &[Part::Payload, Part::IotEdge], "weu.net fixedHub");
    check("acme", &[Part::Certificate], "weu.net weighted");
    check("edge", &[Part::Payload], "weu.net weighted");
}

#[test]
fn what_is_read_must_be_known() {
    check("acme", &[Part::Payload], "? rules acme/1 when");
    check("claims", &ALL, "? enrollments enrollment/claims tenantFrom");
    check("edge", &ALL, "? rules edge/1 when");
    check("named", &[Part::Enrollment], "? rules named/1 when");
    check("spelt", &[Part::SpellingOfId], "? rules spelt/1 when");
    check("near", &ALL, "? the certificate's country");
    check("near", &[Part::Payload], "? payload.location");
    check("any", &[Part::Attestation], "? how the device attests");
}

#[test]
fn only_twin_and_reply_may_be_unknown() {
    check("site", &[Part::Payload], "weu.net weighted *");
    check("site", &[Part::Certificate], "weu.net weighted");
    check("back", &[Part::Certificate], "weu.net weighted *");
}

/// With everything known, it is the decision of the webhook; the row is that of `explain`.
#[test]
fn what_is_known_is_decided_as_ever() {
    let policy = policy(FLEET);
    for group in ["plain", "site", "acme", "near", "edge", "named", "claims"] {
        let device = Device::new("Pump-7").through(group).payload(json!({
            "tenant": "acme", "model": "recalled", "site": 7, "region": "eastus",
        }));
        let device = device.linked(&["weu.net", "eus.net"]);
        let body = device.body();
        let registration = Registration::parse(body.as_bytes()).unwrap();
        let facts = device.facts(&policy);
        let known = Known::AllBut(Parts::default());
        let foreseen = foresee(&policy, &registration, &facts, known).unwrap();
        let decided = decide(&policy, &registration, &facts);
        assert!(foreseen.twin_is_known);
        assert_eq!(
            answer(&foreseen.decision).unwrap(),
            answer(&decided).unwrap()
        );
        let row = deciding_row(&policy, &registration, &facts, known);
        let explained = device.explained(&policy).decided_by;
        assert_eq!(
            row.as_ref().map(row_text),
            explained.as_ref().map(row_text),
            "{group}"
        );
    }
}

fn answer(decision: &Decision<'_>) -> Option<String> {
    match decision {
        Decision::Assigned(it) => serde_json::to_string(&it.response()).ok(),
        _ => None,
    }
}

#[test]
fn a_log_line_answers_what_it_recorded() {
    let policy = policy(FLEET);
    let device = Device::new("a").through("acme").payload(json!({}));
    let device = device.linked(&["weu.net", "eus.net"]);
    let body = device.body();
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let facts = device.facts(&policy);
    let foresee = |evidence: &Evidence| {
        let known = Known::Recorded(Version::NEWEST, evidence);
        let foreseen = foresee(&policy, &registration, &facts, known);
        foreseen.map(|it| (answer(&it.decision).is_some(), it.twin_is_known))
    };
    let asked = foresee(&Evidence::default()).unwrap_err();
    assert_eq!(asked.asked(), "rules acme/1 when");
    let evidence = json!([{"asked": "rules acme/1 when", "found": {"condition": false}}]);
    let evidence = serde_json::from_value(evidence).unwrap();
    assert_eq!(foresee(&evidence).unwrap(), (true, false));
}
