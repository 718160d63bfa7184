//! `explain --log`: a decision of the webhook's log, taken again.

mod time_and_groups;

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{Folder, Run, program, run};

/// What the webhook logged of `tests/fixtures/allocation/individual-tpm-payload.json`.
fn line() -> Value {
    let kept = |asked: &str, found: Value| json!({"asked": asked, "found": found});
    json!({
        "log": "decision", "time": "2026-11-21T15:00:47.380070985Z", "revision": "71bc68eb7d66",
        "registrationId": "tpm-gw-17", "attestation": "tpm", "payload": "withheld",
        "enrollment": {
            "kind": "individual", "id": "tpm-gw-17", "iotEdge": true, "resetsData": false,
        },
        "linkedHubs": [
            "contoso-weu-1.azure-devices.net", "contoso-eus-1.azure-devices.net",
            "contoso-sea-1.azure-devices.net",
        ],
        "device": "missing",
        "evidence": [
            kept("rules */900-quarantine when", json!({"condition": false})),
            kept("payload.location", json!("noPlace")),
            kept("payload.region", json!({"place": "eu-west"})),
        ],
        "tenant": "tenant-a", "hub": "contoso-weu-1.azure-devices.net",
        "twinEffect": "appliedFirst", "status": 200, "outcome": "assigned", "reason": "latency",
        "decisionId": "532bbb5d3fb0b59c",
    })
}

/// The line as the webhook writes it: what it is comes first.
fn text(line: &Value) -> String {
    let mut members = line.as_object().unwrap().clone();
    members.remove("log");
    let rest = Value::Object(members).to_string();
    format!("{{\"log\":\"decision\",{}", &rest[1..])
}

fn explain_log(line: &Value, more: &[&str]) -> Run {
    let line = text(line);
    run(&[&["explain", "--log", &line], more].concat())
}

#[test]
fn the_same_policy_takes_the_same_decision() {
    let document = explain_log(&line(), &["--json"]).json(0);
    assert_eq!(document["log"], json!({"same": true}));
    assert_eq!(document["reason"], "latency");
    let screen = explain_log(&line(), &[]).answer(0);
    assert!(
        screen.starts_with("tpm-gw-17: contoso-weu-1.azure-devices.net\n"),
        "{screen}"
    );
    assert!(screen.contains("\nlog     the same decision\n"), "{screen}");
    assert!(screen.contains("at 2026-11-21T15:00:47Z"), "{screen}");
    assert!(screen.contains("not rendered again"), "{screen}");
    // Lines have it where the request belongs to a trace; older ones never do.
    let mut traced = line();
    traced["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736".into();
    assert_eq!(explain_log(&traced, &[]).answer(0), screen);
}

#[test]
fn another_host_name_of_the_hub_is_the_same_decision() {
    let mut respelled = line();
    for logged in [
        "contoso-weu-1.device.azure-devices.net",
        "Contoso-WEU-1.azure-devices.net",
    ] {
        respelled["hub"] = json!(logged);
        let document = explain_log(&respelled, &["--json"]).json(0);
        assert_eq!(document["log"], json!({"same": true}), "{logged}");
    }
    // Which names the request linked, the answer follows.
    let device = "contoso-weu-1.device.azure-devices.net";
    respelled["linkedHubs"][0] = json!(device);
    let document = explain_log(&respelled, &["--json"]).json(0);
    assert_eq!(document["response"]["iotHubHostName"], device);
}

#[test]
fn what_the_enrollment_and_the_row_said_counts() {
    let mut named = line();
    named["enrollment"]["namespaceName"] = json!("home");
    let document = explain_log(&named, &["--json"]).json(1);
    assert_eq!(document["reason"], "noEligibleHub");
    let mut modern = line();
    modern["device"] = json!({"profile": "mqttV5"});
    let document = explain_log(&modern, &["--json"]).json(1);
    assert_eq!(document["reason"], "noEligibleHub");
    let hubs = document["hubs"].as_array().unwrap();
    assert!(hubs.iter().any(|it| it["verdict"] == "otherProfile"));
}

#[test]
fn another_decision_is_reported() {
    let mut other = line();
    other["hub"] = json!("contoso-eus-1.azure-devices.net");
    other["reason"] = json!("weighted");
    let document = explain_log(&other, &["--json"]).json(1);
    let differences = json!([
        {"what": "reason", "logged": "weighted", "now": "latency"},
        {
            "what": "hub", "logged": "contoso-eus-1.azure-devices.net",
            "now": "contoso-weu-1.azure-devices.net",
        },
    ]);
    assert_eq!(
        document["log"],
        json!({"same": false, "differences": differences})
    );
    let screen = explain_log(&other, &[]).answer(1);
    assert!(screen.contains("\nlog     another decision: reason weighted, hub contoso-eus-1"));
}

#[test]
fn the_row_of_the_device_is_that_of_the_log() {
    let mut sold = line();
    sold["device"] = json!({"tenant": "tenant-a", "hub": "contoso-sea-1.azure-devices.net"});
    sold["evidence"] = json!([sold["evidence"][0]]);
    let document = explain_log(&sold, &["--json"]).json(1);
    assert_eq!(document["reason"], "fixedHub", "{document}");
    sold["device"]["tenant"] = json!("nobody");
    let message = explain_log(&sold, &[]).message();
    assert!(message.contains("the device's row has errors") && message.contains("`nobody`"));
}

#[test]
fn a_decision_without_the_row_is_taken_again() {
    let mut unverified = line();
    unverified["device"] = json!("unavailable");
    unverified["currentHub"] = json!("contoso-eus-1.azure-devices.net");
    unverified["hub"] = unverified["currentHub"].clone();
    unverified["reason"] = json!("stayUnverified");
    unverified["twinEffect"] = json!("ignoredSameHub");
    for absent in ["tenant", "evidence"] {
        unverified.as_object_mut().unwrap().remove(absent);
    }
    let document = explain_log(&unverified, &["--json"]).json(0);
    assert_eq!(document["log"], json!({"same": true}), "{document}");
    // Versions before decided without the row.
    let mut before = line();
    before["device"] = json!("unavailable");
    let document = explain_log(&before, &["--json"]).json(1);
    assert_eq!(document["reason"], "storeUnavailable", "{document}");
}

#[test]
fn a_folder_decides_only_by_the_revision_that_decided() {
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,3");
    let mut explained = program(&["explain", "--log", &text(&line())]);
    let run: Run = explained
        .env("POLICY_DIR", folder.path())
        .output()
        .unwrap()
        .into();
    let message = run.message();
    assert!(
        message.contains(", not 71bc68eb7d66; set PolicyTables") && message.contains("--policy "),
        "{message}"
    );
    // Asked to decide by it, it does.
    explain_log(&line(), &["--policy", folder.path()]).answer(0);
    let message = explain_log(&line(), &["--at", "0123456789ab"]).message();
    assert!(
        message.contains("holds revision 71bc68eb7d66, not 0123456789ab"),
        "{message}"
    );
    explain_log(&line(), &["--at", "71bc68eb7d66"]).answer(0);
}

#[test]
fn what_the_log_does_not_hold_is_reported() {
    let mut line = line();
    line["evidence"] = json!([]);
    let message = explain_log(&line, &[]).message();
    assert!(
        message.contains("no answer to `rules */900-quarantine when`")
            && message.contains("explain the request itself"),
        "{message}"
    );
    let unread = json!({
        "time": "2026-11-21T15:00:47Z", "status": 400, "outcome": "refused",
        "reason": "malformedRequest", "decisionId": "532bbb5d3fb0b59c",
    });
    let message = explain_log(&unread, &[]).message();
    assert!(
        message.contains("`malformedRequest` before a registration was read"),
        "{message}"
    );
}

#[test]
fn stdin_and_what_a_log_puts_before_are_read() {
    let piped = |lines: &str| -> Run {
        let mut program = program(&["explain", "--log", "-", "--json"]);
        program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = program.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(lines.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap().into()
    };
    let line = text(&line());
    let around = format!("starting\n[2026-11-21T15:00:47.381Z] {line}\nstopping\n");
    assert_eq!(piped(&around).json(0)["registrationId"], "tpm-gw-17");
    piped(&format!("{line}\n{line}\n")).answer(0);
    let other = line.replace("532bbb5d3fb0b59c", "632bbb5d3fb0b59c");
    let message = piped(&format!("{line}\n{other}\n")).message();
    assert!(message.contains("several lines"), "{message}");
    for none in ["", "stopping\n", "{\"log\":\"dropped\"}\n"] {
        assert!(
            piped(none).message().contains("no line of a decision"),
            "{none}"
        );
    }
    let cut = piped(&line[..line.len() / 2]).message();
    assert!(cut.contains("not a whole line"), "{cut}");
}

/// A line as tools give it back.
#[test]
fn a_line_may_be_wrapped_by_tools() {
    let mut line = line();
    line["note"] = json!("a \"quoted\" text, with {braces} and \\ in it, or none: \"\"");
    let line = text(&line);
    let doubled = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let parsed: Value = serde_json::from_str(&line).unwrap();
    let escaped = Value::from(&*line).to_string();
    let message = json!({"message": line, "severityLevel": 1});
    let rows = json!({"tables": [{"rows": [["2026-11-21T15:00:47Z", line, ""]]}]});
    for wrapped in [
        // A CSV file of Application Insights: of the message, of a JSON column with it.
        format!(
            "timestamp [UTC],message\n\"11/21/2026, 3:00:47 PM\",{}\n",
            doubled(&line)
        ),
        format!("1,{},2", doubled(&message.to_string())),
        // As a text of JSON, alone and in an answer of a query.
        escaped.clone(),
        escaped.trim_matches('"').to_owned(),
        message.to_string(),
        rows.to_string(),
        serde_json::to_string_pretty(&rows).unwrap(),
        json!([{"line": message.to_string()}]).to_string(),
        // Written anew: in another order, with blanks and line breaks.
        parsed.to_string(),
        parsed
            .to_string()
            .replace("\":", "\" : ")
            .replace(",\"", " , \""),
        serde_json::to_string_pretty(&parsed).unwrap(),
        // With something around it.
        format!("2026-11-21T15:00:47.381Z [Information] {line}"),
        format!("{{pod=\"a\"}} {line} 2026-11-21"),
        format!("\u{feff}{line}\r\n"),
        format!("'{line}'"),
    ] {
        let explained = run(&["explain", "--json", "--log", &wrapped]);
        assert_eq!(explained.code, Some(0), "{wrapped}: {}", explained.stderr);
    }
}

const LOG_ID_KEY: &str = "0123456789abcdef0123456789abcdef";

/// The line as a webhook with `LOG_ID_KEY` writes it.
fn hashed() -> Value {
    let mut line = line();
    let hash = "435ad7afcb438e7daa5ff2c08db04d57571d050cf76096035fe71e86267399ee";
    line["registrationId"] = hash.into();
    line["enrollment"]["id"] = hash.into();
    line["idsHashed"] = true.into();
    line
}

fn reveal(key: Option<&str>, more: &[&str]) -> Run {
    let line = text(&hashed());
    let mut program = program(&[&["explain", "--log", &line], more].concat());
    if let Some(key) = key {
        program.env("LOG_ID_KEY", key);
    }
    program.output().unwrap().into()
}

#[test]
fn a_line_with_hashes_is_decided_again_by_key_and_id() {
    let ids = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ids.path(), "pump-1\nTPM-GW-17\n\npump-2\r\n").unwrap();
    let file = ids.path().to_str().unwrap();
    for more in [
        &["--id", "tpm-gw-17"][..],
        &["--id", "pump-1", "--id", "TPM-gw-17"],
        &["--ids", file],
    ] {
        let document = reveal(Some(LOG_ID_KEY), &[more, &["--json"]].concat()).json(0);
        assert_eq!(document["log"], json!({"same": true}), "{more:?}");
        assert_eq!(document["registrationId"], "tpm-gw-17");
    }
}

#[test]
fn without_the_key_or_the_id_there_is_no_other_device() {
    let check = |key: Option<&str>, more: &[&str], message: &str| {
        let said = reveal(key, more).message();
        assert!(said.contains(message), "{said}");
        assert!(!said.contains(LOG_ID_KEY), "{said}");
    };
    let right = ["--id", "tpm-gw-17"];
    check(None, &right, "set LOG_ID_KEY to the key of the webhook");
    check(Some(LOG_ID_KEY), &[], "name the device with --id ID");
    check(Some("short"), &right, "LOG_ID_KEY: a key has at least 32");
    let other = "fedcba9876543210fedcba9876543210";
    check(Some(other), &right, "none of 1 ids has the hash");
    let others = ["--id", "tpm-gw-18", "--id", "x"];
    check(Some(LOG_ID_KEY), &others, "none of 2 ids has the hash");
}

#[test]
fn coordinates_that_were_rounded_may_be_why() {
    let mut rounded = line();
    rounded["evidence"] = json!([rounded["evidence"][0]]);
    rounded["device"] = json!({"location": "52.5,13.4", "locationRounded": true});
    let document = explain_log(&rounded, &["--json"]).json(0);
    assert_eq!(document["log"], json!({"same": true}));
    rounded["hub"] = json!("contoso-eus-1.azure-devices.net");
    let screen = explain_log(&rounded, &[]).answer(1);
    assert!(
        screen.contains("the log rounds the coordinates"),
        "{screen}"
    );
    rounded["device"]
        .as_object_mut()
        .unwrap()
        .remove("locationRounded");
    let screen = explain_log(&rounded, &[]).answer(1);
    assert!(!screen.contains("the log rounds"), "{screen}");
}

#[test]
fn a_request_and_a_log_exclude_each_other() {
    let both = run(&["explain", "request.json", "--log", "-"]);
    assert_eq!(both.code, Some(2));
    assert!(
        both.stderr.contains("cannot be used with"),
        "{}",
        both.stderr
    );
}
