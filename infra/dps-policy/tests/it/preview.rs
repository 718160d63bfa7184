//! `preview`: what it prints, writes and ends with.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Folder, program, run};

/// The starter tables with a hub closed, and a list of a hundred devices on it.
struct Change(Folder);

impl Change {
    fn new() -> Self {
        let head = "registrationId,enrollment,currentHub,attestation\n".to_owned();
        let rows = (0..100)
            .map(|number| format!("gw-{number},tpm-gw-1,contoso-weu-1.azure-devices.net,tpm\n"));
        let fleet = rows.fold(head, |fleet, row| fleet + &row);
        let folder = Folder::starter().edit("hubs.csv", ",factory,2,,open,", ",factory,2,,closed,");
        Self(folder.write("fleet.list", &fleet))
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.0.path())
    }
}

#[test]
fn pages_of_one_device_are_in_the_singular() {
    let change = Change::new();
    let fleet = fs::read_to_string(change.path("fleet.list")).unwrap();
    let one: String = fleet.split_inclusive('\n').take(2).collect();
    fs::write(change.path("one"), one + "no/id,tpm-gw-1,,tpm\n").unwrap();
    let (to, fleet) = (change.path(""), change.path("one"));
    let page = |arguments: &[&str]| {
        let report = change.path("report.html");
        let more = [
            "--fleet",
            &fleet,
            "--without",
            "payload",
            "--report",
            &report,
        ];
        run(&[arguments, &more].concat()).answer(0);
        fs::read_to_string(&report).unwrap()
    };
    let preview = page(&["preview", "infra/policy", &to]);
    for words in [
        "Preview: 1 of 1 device moves",
        "</span> device moves</h1>",
        "<dt>line that is not a device</dt>",
        "<dt>move at least needed</dt>",
    ] {
        assert!(preview.contains(words), "{words}: {preview}");
    }
    let simulate = page(&["simulate", &to, "--register-every", "10d"]);
    for words in [
        "1 device over time</title>",
        "the top of each chart is 1 device.",
        "1 to 0, at most 1 device<",
        "<dt>time that a device moves</dt>",
    ] {
        assert!(simulate.contains(words), "{words}: {simulate}");
    }
}

#[test]
fn a_preview_says_who_moves() {
    let change = Change::new();
    let (to, fleet, list) = (
        change.path(""),
        change.path("fleet.list"),
        change.path("moved"),
    );
    let mut arguments = vec!["preview", "infra/policy", &to, "--fleet", &fleet];
    arguments.extend([
        "--without",
        "payload",
        "--at",
        "2026-11-01",
        "--list",
        &list,
    ]);
    let answer = run(&arguments).answer(0);
    assert!(
        answer.starts_with("moved 100 of 100 (at least 100), refused 0, newly accepted 0,"),
        "{answer}"
    );
    assert!(answer.contains("its state is closed"), "{answer}");
    let listed = fs::read_to_string(change.path("moved")).unwrap();
    assert_eq!(listed.lines().count(), 101);
    assert!(listed.starts_with("registrationId,change,tenant,from,to,reason,row\ngw-0,moved,"));
    arguments.push("--json");
    let json = run(&arguments).json(0);
    assert_eq!(json["summary"]["moved"], 100);
    assert_eq!(json["groups"][0]["because"]["verdict"], "closed");
    // What it lists is a fleet.
    let again = [
        "preview",
        "infra/policy",
        &to,
        "--fleet",
        &list,
        "--json",
        "--enrollment",
        "tpm-gw-1",
    ];
    let again = run(&again);
    assert!(
        again
            .stderr
            .contains("has columns that say nothing here: change, tenant")
    );
    let again: serde_json::Value = again.document(0);
    assert_eq!(again["summary"]["devices"], 100);
}

/// The page has the numbers of `--json`, nothing that runs, and nothing from elsewhere.
#[test]
fn the_page_says_what_json_says() {
    let change = Change::new();
    let (to, fleet) = (change.path(""), change.path("fleet.list"));
    let report = change.path("report.html");
    let mut arguments = vec!["preview", "infra/policy", &to, "--fleet", &fleet, "--json"];
    arguments.extend([
        "--without",
        "payload",
        "--at",
        "2026-11-01",
        "--report",
        &report,
    ]);
    let json = run(&arguments).json(0);
    let page = fs::read_to_string(&report).unwrap();
    for (name, number) in json["summary"].as_object().unwrap() {
        let shown = format!("data-number=\"{name}\">{number}<");
        let is_shown = page.contains(&format!("data-number=\"{name}\""));
        assert!(!is_shown || page.contains(&shown), "{shown}");
    }
    assert!(page.contains("data-number=\"acrossResidency\">0<"));
    for hub in json["load"].as_array().unwrap() {
        let (name, before, after) = (hub["hub"].as_str().unwrap(), &hub["before"], &hub["after"]);
        let bar = format!("data-hub=\"{name}\" data-before=\"{before}\" data-after=\"{after}\"");
        assert!(page.contains(&bar), "{bar}");
    }
    for group in json["groups"].as_array().unwrap() {
        let (from, to) = (
            group["from"].as_str().unwrap(),
            group["to"].as_str().unwrap(),
        );
        assert!(
            page.contains(&format!("data-from=\"{from}\" data-to=\"{to}\"")),
            "{group}"
        );
    }
    assert!(page.contains("data-region=\"westeurope\" data-before=\"100\" data-after=\"0\""));
    assert!(
        page.contains("<td>state</td><td>open</td><td>closed</td>"),
        "{page}"
    );
    for foreign in ["<script", "http:", "https:", "url(", "<link", "<img", " on"] {
        let found = page.split("<style>").next().unwrap().contains(foreign)
            || page.split("</style>").nth(1).unwrap().contains(foreign) && foreign != " on";
        assert!(!found, "{foreign}");
    }
}

/// It is told before the fleet is read, which may take long.
#[test]
fn a_file_that_cannot_be_written_is_told_first() {
    let tables = ["preview", "infra/policy", "infra/policy"];
    let tables = [&tables[..], &["--synthetic", "5"]].concat();
    for option in ["--report", "--out", "--list"] {
        for path in ["/no/such/folder/x", "/"] {
            let message = run(&[&tables[..], &[option, path]].concat()).message();
            let expected = format!("`{path}` cannot be written");
            assert!(message.contains(&expected), "{message}");
        }
    }
    // Nothing is left of a file that is not written in the end.
    let change = Change::new();
    let (fleet, report) = (change.path("none"), change.path("report.html"));
    fs::write(&fleet, "name\n").unwrap();
    let tables = ["preview", "infra/policy", "infra/policy", "--fleet", &fleet];
    run(&[&tables[..], &["--report", &report]].concat()).message();
    assert!(!fs::exists(&report).unwrap());
}

#[test]
fn two_times_of_the_same_tables_differ() {
    let change = Change::new();
    let fleet = change.path("fleet.list");
    let mut arguments = vec!["preview", "infra/policy", "infra/policy", "--fleet", &fleet];
    arguments.extend([
        "--without",
        "payload",
        "--at",
        "2026-11-01",
        "--at",
        "2027-01-01",
        "--json",
    ]);
    let json = run(&arguments).json(0);
    let moved = json["summary"]["moved"].as_u64().unwrap();
    assert!((10..45).contains(&moved), "{json}");
    assert_eq!(json["groups"][0]["row"], "rollouts tenant-a/2026-q4-spread");
}

#[test]
fn what_cannot_be_previewed_is_said() {
    let check = |arguments: &[&str], expected: &str| {
        let mut all = vec!["preview", "infra/policy", "infra/policy"];
        all.extend(arguments);
        let message = run(&all).message();
        assert!(message.contains(expected), "{message}");
    };
    let folder = TempDir::new().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    check(
        &["--fleet", "no-such-file"],
        "`no-such-file` cannot be read",
    );
    check(
        &["--fleet", &file("a", b"id;enrollment\n")],
        "separated by semicolons",
    );
    check(
        &["--fleet", &file("b", b"\xff\xfei\0")],
        "it is UTF-16; save it as UTF-8",
    );
    let empty = file("c", b"registrationId\n");
    let empty = run(&["preview", "infra/policy", "infra/policy", "--fleet", &empty]);
    assert!(empty.refusal(2).contains("has no device that can be read"));
    for number in ["0", "99999999999"] {
        let tables = ["preview", "infra/policy", "infra/policy"];
        let wrong = run(&[&tables[..], &["--synthetic", number]].concat()).stderr;
        assert!(wrong.contains("is not in 1..=10000000"), "{wrong}");
    }
    let list = ["--synthetic", "5", "--list", "/no/such/folder"];
    check(&list, "`/no/such/folder` cannot be written");
    let wrong = run(&[
        "preview",
        "infra/policy",
        "infra/policy",
        "--synthetic",
        "5",
        "--at",
        "soon",
    ]);
    assert!(
        wrong.stderr.contains("not a time such as 2026-12-01"),
        "{}",
        wrong.stderr
    );
    let broken = Folder::starter().edit("hubs.csv", "factory,2", "factory,two");
    let answer = run(&["preview", "infra/policy", broken.path(), "--synthetic", "5"]).answer(1);
    assert!(answer.contains("`two` is not a whole number"), "{answer}");
}

#[test]
fn compressed_fleets_are_read() {
    let change = Change::new();
    let list = fs::read(change.path("fleet.list")).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&list).unwrap();
    fs::write(change.path("fleet.gz"), gzip.finish().unwrap()).unwrap();
    let zstd = compress_to_vec(&*list, CompressionLevel::Fastest);
    fs::write(change.path("fleet.zst"), zstd).unwrap();
    let found = ["fleet.list", "fleet.gz", "fleet.zst"].map(|name| {
        let fleet = change.path(name);
        let to = change.path("");
        let arguments = [
            "preview",
            "infra/policy",
            &to,
            "--fleet",
            &fleet,
            "--without",
            "payload",
        ];
        let mut json = run(&[&arguments[..], &["--json", "--at", "2026-11-01"]].concat()).json(0);
        assert_eq!(json["summary"]["moved"], 100);
        json["fleet"].take();
        json
    });
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0], found[2]);
    // A file that ends too early is not a smaller fleet.
    let whole = fs::read(change.path("fleet.gz")).unwrap();
    fs::write(change.path("cut.gz"), &whole[..whole.len() - 9]).unwrap();
    let cut = run(&[
        "preview",
        "infra/policy",
        "infra/policy",
        "--fleet",
        &change.path("cut.gz"),
    ]);
    assert_eq!(cut.code, Some(2));
    assert!(cut.stderr.contains("cannot be read"), "{}", cut.stderr);
}

/// `head` closes the pipe before all is written.
#[test]
fn a_closed_pipe_is_no_failure() {
    let arguments = [
        "preview",
        "infra/policy",
        "infra/policy",
        "--synthetic",
        "20000",
        "--list",
        "-",
    ];
    let mut child = program(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// `--out /dev/stdout > file`: neither overwrites the other.
#[test]
fn a_plan_may_be_printed_besides_the_summary() {
    let folder = TempDir::new().unwrap();
    let plan = folder.path().join("plan");
    let run = |out: &str, printed: &str| {
        let file = folder.path().join(printed);
        let arguments = ["preview", "infra/policy", "infra/policy"];
        let more = ["--synthetic", "10", "--at", "2026-11-01", "--out", out];
        let mut program = program(&[&arguments[..], &more].concat());
        program.stdout(fs::File::create(&file).unwrap());
        assert!(program.status().unwrap().success());
        fs::read_to_string(file).unwrap()
    };
    let summary = run(plan.to_str().unwrap(), "apart");
    let both = run("/dev/stdout", "both");
    let plan = fs::read_to_string(plan).unwrap();
    let printed = both.strip_suffix(&summary).unwrap();
    let undated = |plan: &str| {
        let mut plan: Value = serde_json::from_str(plan).unwrap();
        plan["writtenAt"] = Value::Null;
        plan
    };
    assert_eq!(undated(printed), undated(&plan));
}

#[test]
fn a_hub_is_named_by_its_host() {
    for option in ["--current-hub", "--linked-hubs"] {
        let folder = [
            "preview",
            "infra/policy",
            "infra/policy",
            "--synthetic",
            "1",
        ];
        let refused = run(&[&folder[..], &[option, "contoso-weu-1"]].concat());
        assert_eq!(refused.code, Some(2), "{}", refused.stdout);
        let host = "contoso-weu-1.azure-devices.net";
        assert!(refused.stderr.contains(host), "{}", refused.stderr);
    }
}
