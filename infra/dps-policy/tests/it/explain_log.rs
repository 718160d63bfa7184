//! `explain --log`: a decision of the webhook's log, taken again.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{Folder, Run, program, run};

/// What the webhook logged of `tests/fixtures/allocation/individual-tpm-payload.json`.
fn line() -> Value {
    let kept = |asked: &str, found: Value| json!({"asked": asked, "found": found});
    json!({
        "log": "decision", "time": "2026-11-21T15:00:47.380070985Z", "revision": "7765cd0a39a9",
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
    assert!(screen.contains("not made again"), "{screen}");
    // Lines have it where the request belongs to a trace; older ones never do.
    let mut traced = line();
    traced["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736".into();
    assert_eq!(explain_log(&traced, &[]).answer(0), screen);
}

#[test]
fn another_host_name_of_the_hub_is_no_other_decision() {
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
fn another_decision_is_told() {
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
        message.contains(", not 7765cd0a39a9; set PolicyTables") && message.contains("--policy "),
        "{message}"
    );
    // Asked to decide by it, it does.
    explain_log(&line(), &["--policy", folder.path()]).answer(0);
    let message = explain_log(&line(), &["--at", "0123456789ab"]).message();
    assert!(
        message.contains("holds revision 7765cd0a39a9, not 0123456789ab"),
        "{message}"
    );
    explain_log(&line(), &["--at", "7765cd0a39a9"]).answer(0);
}

#[test]
fn what_the_log_does_not_hold_is_told() {
    let mut line = line();
    line["evidence"] = json!([]);
    let message = explain_log(&line, &[]).message();
    assert!(
        message.contains("does not say `rules */900-quarantine when`")
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
    assert!(cut.contains("no whole line"), "{cut}");
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
