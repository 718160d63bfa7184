//! `replay`: what became of logged decisions.

use std::fs;

use dps_allocation::IdKey;

use crate::program::{Folder, Run, program, revision, run};

/// Logs of the webhook: decisions by the starter tables, one of the first version, one that was
/// refused, one without a registration, and what is not a decision.
fn log() -> String {
    let line = |id: &str, more: &str, answer: &str| {
        format!(
            "{{\"log\":\"decision\",{more}\"time\":\"2026-11-01T10:00:00Z\",\
             \"revision\":\"71bc68eb7d66\",\"registrationId\":\"{id}\",\
             \"enrollment\":{{\"kind\":\"individual\",\"id\":\"{id}\",\"iotEdge\":false,\"resetsData\":false}},\"attestation\":\"tpm\",\
             \"linkedHubs\":[\"contoso-weu-1.azure-devices.net\",\"contoso-eus-1.azure-devices.net\"],\
             \"device\":\"missing\",{answer}}}\n"
        )
    };
    let weu = "\"currentHub\":\"contoso-weu-1.azure-devices.net\",\"tenant\":\"tenant-a\",\
               \"hub\":\"contoso-weu-1.azure-devices.net\",\"outcome\":\"assigned\",\"reason\":\"stay\"";
    let refused = "\"outcome\":\"refused\",\"reason\":\"unknownEnrollment\"";
    [
        "{\"log\":\"started\"}\n".to_owned(),
        line("pump-1", "\"version\":2,", weu),
        line("pump-2", "", weu),
        line("nobody", "\"version\":2,", refused),
        "{\"log\":\"decision\",\"version\":2,\"time\":\"2026-11-01T10:00:00Z\",\"outcome\":\"refused\",\
         \"reason\":\"malformedRequest\"}\n"
            .to_owned(),
        line("pump-3", "\"payload\":\"withheld\",\"version\":2,", weu),
        line("pump-4", "\"version\":2,", weu)[..200].to_owned(),
    ]
    .concat()
}

#[test]
fn decisions_are_the_same_differ_or_need_the_request() {
    let closed = Folder::starter().edit("hubs.csv", ",factory,2,,open,", ",factory,2,,closed,");
    let closed = closed.write("a.log", &log());
    assert!(revision("infra/policy").starts_with("71bc68eb7d66"));
    let log = format!("{}/a.log", closed.path());
    let answer = run(&["replay", "--policy", "infra/policy", &log]).answer(0);
    assert!(
        answer.starts_with("3 of 5 decisions are the same, 0 different, 1 needs the request\n"),
        "{answer}"
    );
    assert!(
        answer.contains("1 ended as malformedRequest, before a registration"),
        "{answer}"
    );
    assert!(answer.contains("rules */900-quarantine when"), "{answer}");
    assert!(
        answer.contains("line 7: the line of a decision is cut before its end"),
        "{answer}"
    );
    let json = run(&["replay", "--policy", closed.path(), "--json", &log, &log]).json(1);
    assert_eq!(
        (&json["decisions"], &json["same"], &json["different"]),
        (&10.into(), &2.into(), &4.into())
    );
    assert_eq!(
        json["differences"][0]["logged"],
        "contoso-weu-1.azure-devices.net, stay"
    );
    let now = json["differences"][0]["now"].as_str().unwrap();
    assert!(
        now.starts_with("contoso-eus-1.azure-devices.net, "),
        "{json}"
    );
    assert_eq!(
        json["differences"][0]["suchAs"],
        serde_json::json!(["pump-1", "pump-2", "pump-1"])
    );
    assert_eq!(
        (&json["faultCount"], &json["otherLines"]),
        (&2.into(), &2.into())
    );
}

/// Ids that are hashed say nothing about shares and weights.
#[test]
fn hashed_ids_need_the_request() {
    let log = log().replace("\"version\":2,", "\"version\":2,\"idsHashed\":true,");
    let folder = Folder::starter().write("a.log", &log);
    let log = format!("{}/a.log", folder.path());
    let answer = run(&["replay", "--policy", "infra/policy", &log]).answer(0);
    assert!(
        answer.contains("the registration id, which the log hashes"),
        "{answer}"
    );
}

/// The key of the hashes.
const KEY: &str = "0123456789abcdef0123456789abcdef";

/// The log with hashes in place of ids.
fn hashed_log() -> String {
    let key = IdKey::parse(KEY).unwrap();
    let ids = ["pump-1", "pump-2", "pump-3", "pump-4", "nobody"];
    let log = log().replace(
        "\"registrationId\"",
        "\"idsHashed\":true,\"registrationId\"",
    );
    ids.iter().fold(log, |log, id| {
        log.replace(&format!("\"{id}\""), &format!("\"{}\"", key.hide(id)))
    })
}

#[test]
fn hashed_ids_are_known_by_a_list_and_the_key() {
    let folder = Folder::starter().edit("hubs.csv", ",factory,2,,open,", ",factory,2,,closed,");
    let folder = folder
        .write("plain.log", &log())
        .write("hashed.log", &hashed_log());
    let folder = folder.write("ids", "other-1\nPUMP-1\npump-2\n\npump-3\nnobody\n");
    let folder = folder.write("few-ids", "pump-1\n");
    let path = |name: &str| format!("{}/{name}", folder.path());
    let (plain, hashed, ids, few) = (
        path("plain.log"),
        path("hashed.log"),
        path("ids"),
        path("few-ids"),
    );
    let run_with = |arguments: &[&str]| {
        let mut program = program(arguments);
        Run::of(arguments, program.env("LOG_ID_KEY", KEY).output().unwrap())
    };
    let numbers = |run: Run, code: i32| {
        let json = run.json(code);
        ["decisions", "same", "different", "needsRequest"].map(|name| json[name].clone())
    };
    for (tables, code) in [("infra/policy", 0), (folder.path(), 1)] {
        let replay = ["replay", "--json", "--policy", tables];
        let plain = numbers(run(&[&replay[..], &[&plain]].concat()), code);
        let known = run_with(&[&replay[..], &["--ids", &ids, &hashed]].concat());
        assert_eq!(numbers(known, code), plain);
        let preview = [
            "preview",
            "infra/policy",
            tables,
            "--json",
            "--at",
            "2026-11-01",
        ];
        let summary = |log: &str, more: &[&str]| {
            let run = run_with(&[&preview[..], &["--fleet", log], more].concat());
            let mut summary = run.json(0)["summary"].take();
            // An id that is cut with its line.
            summary["faults"].take();
            summary
        };
        assert_eq!(
            summary(&hashed, &["--ids", &ids]),
            summary(&path("plain.log"), &[])
        );
        assert_eq!(summary(&hashed, &[])["undecidable"], 4);
        assert_eq!(summary(&hashed, &["--ids", &few])["undecidable"], 3);
    }
    let keyless = ["replay", "--ids", &ids, &hashed, "--policy", "infra/policy"];
    let message = run(&keyless).message();
    assert!(
        message.contains("set LOG_ID_KEY to that of the webhook"),
        "{message}"
    );
}

#[test]
fn a_log_is_read_from_a_pipe() {
    let folder = Folder::starter().write("a.log", &log());
    let log = fs::File::open(format!("{}/a.log", folder.path())).unwrap();
    let mut program = program(&["replay", "--policy", "infra/policy", "-"]);
    let output = program.stdin(log).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("3 of 5 decisions are the same"));
}

/// A pipeline that replays the wrong file must not be green.
#[test]
fn a_log_without_decisions_is_no_success() {
    let folder = Folder::starter().write("a.log", "{\"log\":\"started\"}\nwords\n");
    let log = format!("{}/a.log", folder.path());
    let replayed = run(&["replay", "--policy", "infra/policy", &log]);
    assert!(replayed.refusal(2).contains("no decision that can be read"));
}
