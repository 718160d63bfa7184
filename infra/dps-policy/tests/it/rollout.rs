//! `rollout`: shows where rollouts stand, and edits their rows.

use std::fs;
use std::path::Path;

use dps_allocation::tables::TableName;

use crate::cloud::Cloud;
use crate::program::{Folder, Run, run};

const SPREAD: &str = "2026-q4-spread";

fn rollout(folder: &Folder, words: &[&str]) -> Run {
    let (command, rest) = words.split_first().unwrap();
    run(&[&["rollout", command, "--policy", folder.path()], rest].concat())
}

/// The row of the rollout in its file.
fn row(folder: &Folder) -> String {
    let path = Path::new(folder.path()).join("rollouts.csv");
    let text = fs::read_to_string(path).unwrap();
    let row = text
        .lines()
        .find(|it| it.starts_with("tenant-a,2026-q4-spread,"));
    row.unwrap().to_owned()
}

#[test]
fn list_and_show_tell_share_next_step_and_remaining_time() {
    let folder = Folder::starter();
    let list = rollout(&folder, &["list", "--at", "2026-12-10"]).answer(0);
    assert!(
        list.contains("tenant-a/2026-q4-spread  running  10%"),
        "{list}"
    );
    let show = rollout(&folder, &["show", "--at", "2026-12-10T18:30Z", SPREAD]).answer(0);
    let next = "next step  25% at 2026-12-15T00:00:00Z, in 4d 5h\n";
    assert!(show.contains(next), "{show}");
    let json = rollout(&folder, &["list", "--at", "2026-12-10", "--json"]).json(0);
    let first = &json["rollouts"][0];
    assert_eq!(first["phase"], "running");
    assert_eq!(first["next"]["seconds"], 5 * 86_400);
    assert_eq!(first["to"][0], "contoso-eus-1.azure-devices.net");
}

/// Commands at a time, and what the cells of the row are then.
#[track_caller]
fn check(commands: &[&[&str]], expected: &str, cells: &[&str]) {
    let folder = Folder::starter();
    let mut said = String::new();
    for words in commands {
        said = rollout(&folder, words).answer(0);
    }
    assert!(said.starts_with(expected), "{said}");
    let row = row(&folder);
    for cell in cells {
        assert!(row.contains(cell), "{cell}: {row}");
    }
}

#[test]
fn each_command_edits_the_row() {
    check(
        &[&["pause", "--at", "2026-12-10", SPREAD]],
        "tenant-a/2026-q4-spread: paused, 10%, since 2026-12-10T00:00:00Z\n",
        &[",paused,2026-12-10T00:00:00Z,", "2026-12-15=25%"],
    );
    check(
        &[
            &["pause", "--at", "2026-12-10", SPREAD],
            &["resume", "--at", "2026-12-12T06:00Z", SPREAD],
        ],
        "tenant-a/2026-q4-spread: running, 10%; next 25% at 2026-12-17T06:00:00Z, in 5d\n",
        &[",2026-12-01=1% 2026-12-08=10% 2026-12-17T06:00Z=25%,step,running,,"],
    );
    check(
        &[&["promote", "--at", "2026-12-10T08:00:30Z", SPREAD]],
        "tenant-a/2026-q4-spread: complete, 25%\n",
        &["2026-12-08=10% 2026-12-10T08:00:30Z=25%"],
    );
    check(
        &[&["promote", "--full", "--at", "2026-12-10", SPREAD]],
        "tenant-a/2026-q4-spread: complete, 100%\n",
        &["2026-12-08=10% 2026-12-10=100%"],
    );
    check(
        &[&["stop", "--at", "2026-12-10", SPREAD]],
        "tenant-a/2026-q4-spread: stopped, 10%\n",
        &[",aborted,", "2026-12-10T00:00:00Z"],
    );
    check(
        &[&["return", "--now", "--at", "2026-12-10", SPREAD]],
        "tenant-a/2026-q4-spread: returning, 10%\n",
        &[",aborted,,true,"],
    );
    check(
        &[&[
            "return",
            "--share",
            "50;100 every 1d",
            "--at",
            "2026-12-10",
            SPREAD,
        ]],
        "tenant-a/2026-q4-spread: stopped, 10%\n\
         tenant-a/2026-q4-spread-return: running, 5%; next 10% at 2026-12-11T00:00:00Z, in 1d\n",
        &[",aborted,,,"],
    );
}

#[test]
fn what_does_not_fit_writes_nothing() {
    let folder = Folder::starter();
    let before = row(&folder);
    for (words, expected) in [
        (&["resume", SPREAD][..], "is not paused"),
        (
            &["pause", "2026-q4-sprad"],
            "did you mean `2026-q4-spread`?",
        ),
        (
            &["return", "--share", "5;50", SPREAD],
            "`5;50` does not say when",
        ),
    ] {
        let message = rollout(&folder, words).message();
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(row(&folder), before);
    let at_revision = run(&["rollout", "stop", "--policy", "tables@0123456789ab", SPREAD]);
    assert!(at_revision.message().contains("cannot be changed"));
}

#[test]
fn tables_in_azure_get_a_revision_and_a_reason() {
    let cloud = Cloud::starter();
    let keys = "tenant-a/2026-q4-spread";
    let cell = |column| cloud.cell(TableName::Rollouts, keys, column);
    let at = ["--at", "2026-12-10"];
    let pause = [&["rollout", "pause", SPREAD][..], &at].concat();
    let refused = cloud.run(&pause);
    assert!(
        refused.stderr.contains("add --yes to agree"),
        "{}",
        refused.stderr
    );
    assert_eq!(cell("state"), "running");
    cloud.run(&[&pause[..], &["--yes"]].concat()).answer(0);
    assert_eq!(cell("state"), "paused");
    let back = ["rollout", "return", "--yes", "--share", "100", SPREAD];
    cloud.run(&[&back[..], &at].concat()).answer(0);
    assert_eq!(cell("state"), "aborted");
    let way_back = "tenant-a/2026-q4-spread-return";
    let steps = cloud.cell(TableName::Rollouts, way_back, "steps");
    assert_eq!(steps, "2026-12-10=10%");
    let history = cloud.run(&["history", "--json"]).json(0).to_string();
    assert!(
        history.contains("rollout pause 2026-q4-spread"),
        "{history}"
    );
    assert!(
        history.contains("rollout return 2026-q4-spread"),
        "{history}"
    );
}

#[test]
fn watch_counts_devices_of_the_log() {
    let line = |rest: &str| {
        format!(
            "{{\"log\":\"decision\",\"version\":2,\"time\":\"2026-12-09T08:00:00Z\",\
             \"tenant\":\"tenant-a\",\"outcome\":\"assigned\",\"reason\":\"x\",{rest}}}\n"
        )
    };
    let (weu, eus) = (
        "contoso-weu-1.azure-devices.net",
        "contoso-eus-1.device.azure-devices.net",
    );
    let spread = "\"rollout\":\"2026-q4-spread\"";
    let log = [
        line(&format!(
            "{spread},\"currentHub\":\"{weu}\",\"hub\":\"{eus}\""
        )),
        format!(
            "2026-12-09 stdout: {}",
            line(&format!(
                "{spread},\"currentHub\":\"{weu}\",\"hub\":\"{eus}\""
            ))
        ),
        // It was there before, and stays; another one goes.
        line(&format!(
            "{spread},\"currentHub\":\"{eus}\",\"hub\":\"{eus}\""
        )),
        line(&format!("\"currentHub\":\"{eus}\",\"hub\":\"{weu}\"")),
        "{\"log\":\"policy\"}\nplain text\n{\"log\":\"decision\",\"vers".to_owned(),
    ];
    let folder = Folder::starter().write("webhook.log", &log.concat());
    let file = format!("{}/webhook.log", folder.path());
    let words = [
        "watch",
        "--count",
        "1",
        "--at",
        "2026-12-10",
        "--log",
        &file,
        SPREAD,
    ];
    let shown = rollout(&folder, &words).answer(0);
    let expected = "tenant-a/2026-q4-spread: running, 10%; next 25% at 2026-12-15T00:00:00Z, in 5d\n  \
                    log: devices in: contoso-eus-1 2; out: contoso-weu-1 1; unreadable lines: 1; \
                    last at 2026-12-09T08:00:00Z\n";
    assert_eq!(shown, expected);
    let complete = rollout(&folder, &["watch", "--at", "2027-01-01", "--json", SPREAD]).json(0);
    assert_eq!(complete["phase"], "complete");
    let gone = rollout(&folder, &["watch", "--log", "nowhere.log", SPREAD]);
    assert!(gone.message().contains("`nowhere.log` cannot be read"));
}
