//! The line of the decision log: its members, and what decides again.

use dps_allocation::{DecisionRecord, DeviceFact, RecordError};
use serde_json::Value;

use crate::fleet::policy;

/// Every member, in the order in which it is written.
const LINE: &str = concat!(
    r#"{"log":"decision","version":1,"time":"2026-11-21T15:00:47.380070985Z","#,
    r#""revision":"7765cd0a39a9","registrationId":"pump-1","idsHashed":true,"#,
    r#""enrollment":{"kind":"group","id":"acme","iotEdge":false,"resetsData":true,"#,
    r#""namespaceName":"home","certificateAuthorityName":"ca","certificatePolicyName":"p","#,
    r#""credentialPolicyName":"c","deviceTypeRefs":["Type-1"]},"attestation":"x509","#,
    r#""certificate":"withheld","payload":"withheld","linkedHubs":["a.net","b.net"],"#,
    r#""currentHub":"a.net","device":{"tenant":"acme","location":"52.5,13.4","#,
    r#""locationRounded":true,"residency":"eu;us","hub":"b.net","group":"withheld","profile":"both","attributes":"withheld"},"evidence":[{"asked":"#,
    r#""payload.region","found":{"place":"eu-west"}}],"tenant":"acme","group":"435ad7af","hub":"b.net","#,
    r#""rollout":"r1","twinEffect":"appliedFirst","status":200,"outcome":"assigned","#,
    r#""reason":"latency","detail":"d","decisionId":"532bbb5d3fb0b59c","invocationId":"i","#,
    r#""traceId":"t"}"#,
);

fn read(line: &str) -> serde_json::Result<DecisionRecord<'static>> {
    serde_json::from_str(line)
}

/// The line with another value of a member; null leaves it out.
fn with(member: &str, value: Value) -> String {
    let mut line: Value = serde_json::from_str(LINE).unwrap();
    line.as_object_mut().unwrap().remove(member);
    if !value.is_null() {
        line[member] = value;
    }
    line.to_string()
}

#[test]
fn a_line_that_is_read_is_written_as_it_was() {
    let nothing = r#"{"log":"decision","version":1,"time":"2026-11-21T15:00:47Z","outcome":"failed","reason":"fault"}"#;
    let words = ["missing", "unavailable", "invalid"].map(|word| {
        LINE.replace(r#"{"tenant":"acme","location":"52.5,13.4","locationRounded":true,"residency":"eu;us","hub":"b.net","group":"withheld","profile":"both","attributes":"withheld"}"#, &format!("\"{word}\""))
    });
    assert!(words.iter().all(|line| line != LINE));
    for line in [LINE, nothing]
        .into_iter()
        .chain(words.iter().map(String::as_str))
    {
        let record = read(line).unwrap();
        assert_eq!(serde_json::to_string(&record).unwrap(), line);
    }
}

#[test]
fn a_line_without_a_version_is_of_the_first() {
    assert_eq!(read(&with("version", Value::Null)).unwrap().version, 1);
}

#[test]
fn members_of_newer_lines_are_ignored() {
    assert!(read(&with("addedLater", 7.into())).is_ok());
}

#[test]
fn a_decision_of_a_newer_version_is_not_decided_again() {
    for number in [0, 3, 99] {
        let record = read(&with("version", number.into())).unwrap();
        assert!(matches!(record.version(), Err(RecordError::Newer(it)) if it == number));
    }
    let record = read(&with("version", 3.into())).unwrap();
    let error = record.registration().unwrap_err();
    assert!(error.to_string().contains("use a newer one"), "{error}");
}

/// What was taken for a group, a row that is unavailable, or nothing that was read.
#[test]
fn words_that_no_version_has_written_are_errors() {
    let enrollment = serde_json::json!({
        "kind": "fleet", "id": "acme", "iotEdge": false, "resetsData": false,
    });
    for (member, value) in [
        ("enrollment", enrollment),
        ("device", "elsewhere".into()),
        ("attestation", "password".into()),
        ("payload", "{}".into()),
        ("linkedHubs", "a.net".into()),
        ("time", "noon".into()),
        ("log", "dropped".into()),
    ] {
        assert!(read(&with(member, value)).is_err(), "{member}");
    }
}

#[test]
fn without_a_registration_nothing_is_decided_again() {
    for member in ["registrationId", "enrollment", "linkedHubs"] {
        let record = read(&with(member, Value::Null)).unwrap();
        let error = record.registration().unwrap_err().to_string();
        assert!(
            error.starts_with("the log says `latency` before a registration"),
            "{error}"
        );
    }
}

#[test]
fn the_registration_and_the_row_are_those_of_the_line() {
    let record = read(LINE).unwrap();
    let registration = record.registration().unwrap();
    assert_eq!(registration.id.as_str(), "pump-1");
    assert!(registration.payload.is_some() && registration.enrollment.resets_data);
    let hubs: Vec<&str> = registration.linked_hubs.iter().map(|it| &**it).collect();
    assert_eq!(hubs, ["a.net", "b.net"]);
    let policy = policy("hubs:\nx.net\nenrollments: tenants\nall | t\ntenants:\nt\n");
    let row = record.row().unwrap();
    let error = record
        .device(&policy, row.as_ref())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the device's row has errors") && error.contains("`acme`"),
        "{error}"
    );
    for (word, is) in [
        ("missing", DeviceFact::Missing),
        ("unavailable", DeviceFact::Unavailable),
        ("invalid", DeviceFact::Invalid),
    ] {
        let record = read(&with("device", word.into())).unwrap();
        let row = record.row().unwrap();
        let fact = record.device(&policy, row.as_ref()).unwrap();
        assert_eq!(
            std::mem::discriminant(&fact),
            std::mem::discriminant(&is),
            "{word}"
        );
    }
}
