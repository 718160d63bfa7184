//! `set`: one row of a folder or of the Azure Tables.

use std::fs;
use std::path::Path;

use dps_allocation::tables::TableName;

use crate::cloud::Cloud;
use crate::program::{Folder, Run, revision, run, short};

const WEU: &str = "hub/contoso-weu-1.azure-devices.net";

fn set(folder: &Folder, words: &[&str]) -> Run {
    run(&[&["set", "--policy", folder.path()], words].concat())
}

fn file(folder: &Folder, name: &str) -> String {
    fs::read_to_string(Path::new(folder.path()).join(name)).unwrap()
}

/// The words of a command, and the only texts of the file that it replaces.
#[track_caller]
fn check(words: &[&str], name: &str, from: &str, to: &str) {
    let folder = Folder::starter();
    let before = file(&folder, name);
    let shown = set(&folder, words).answer(0);
    let end = format!("holds revision {}\n", short(&revision(folder.path())));
    assert!(shown.ends_with(&end), "{shown}");
    assert_eq!(before.matches(from).count(), 1, "{from}");
    assert_eq!(file(&folder, name), before.replace(from, to), "{words:?}");
    let again = set(&folder, words);
    if !words.contains(&"--new") {
        assert_eq!(again.answer(0), "no difference\n");
    }
}

#[test]
fn a_row_of_any_table_can_be_changed() {
    let (hub, rest) = (
        "contoso-weu-1.azure-devices.net,westeurope,EU,factory,",
        ",,open,,\n",
    );
    let weu = format!("{hub}2{rest}");
    for row in ["contoso-weu-1", "Contoso-WEU-1.azure-devices.net", WEU] {
        check(
            &["hubs", row, "weight=5"],
            "hubs.csv",
            &weu,
            &format!("{hub}5{rest}"),
        );
    }
    check(
        &[
            "hubs",
            "contoso-weu-1",
            "state=draining",
            "WEIGHT=",
            "note=a, \"b\"",
        ],
        "hubs.csv",
        &weu,
        &format!("{hub},,draining,,\"a, \"\"b\"\"\"\n"),
    );
    check(
        &["enrollments", "sas-iot-devices", "tenants=tenant-a"],
        "enrollments.csv",
        "SAS-IoT-Devices,contoso,",
        "SAS-IoT-Devices,tenant-a,",
    );
    check(
        &["tenants", "tenant-a", "toleranceMs=20"],
        "tenants.csv",
        "latency,15,",
        "latency,20,",
    );
    check(
        &[
            "rules",
            "100-toasters",
            "when=registrationId.contains('x, y')",
        ],
        "rules.csv",
        "registrationId.contains('-tstrsd-')",
        "\"registrationId.contains('x, y')\"",
    );
    check(
        &["rollouts", "tenant-a/2026-q4-spread", "steps=2026-12-01=1%"],
        "rollouts.csv",
        "2026-12-01=1% 2026-12-08=10% 2026-12-15=25%",
        "2026-12-01=1%",
    );
    check(
        &["latency", "eu-west/eastus", "milliseconds=84"],
        "latency.csv",
        "eu-west,eastus,83,",
        "eu-west,eastus,84,",
    );
    check(
        &["twins", "*/appliance", "desired={\"state\": \"set\"}"],
        "twins.csv",
        "\"{\"\"state\"\": \"\"ready\"\"}\"",
        "\"{\"\"state\"\": \"\"set\"\"}\"",
    );
    let device = "pump-0042,device,tenant-a,";
    check(
        &["devices", "PUMP-0042", "location=sg"],
        "devices.csv",
        &format!("{device}eu-west"),
        &format!("{device}sg"),
    );
}

#[test]
fn a_row_can_be_added() {
    let end = "pump-0043,device,tenant-a,sg,,,plant 9\n";
    check(
        &["--new", "devices", "pump-0044", "tenant=tenant-a"],
        "devices.csv",
        end,
        &format!("{end}pump-0044,device,tenant-a,,,,\n"),
    );
    let folder = Folder::starter();
    let there = set(&folder, &["--new", "hubs", "contoso-weu-1", "weight=1"]).message();
    assert!(
        there.ends_with("is in the hubs table; leave out --new"),
        "{there}"
    );
    let half = set(&folder, &["--new", "latency", "mars", "milliseconds=1"]).message();
    assert!(half.contains("write PARTITION/ROW"), "{half}");
}

#[test]
fn what_is_not_there_is_told_with_what_is_meant() {
    let folder = Folder::starter();
    for (words, expected) in [
        (["hub", "contoso-weu-1", "weight=5"], "did you mean `hubs`?"),
        (
            ["hubs", "contoso-weu-9", "weight=5"],
            "`contoso-weu-9` is not in the hubs table; did you mean `hub/contoso-weu-1",
        ),
        (
            ["hubs", "contoso-weu-1", "wieght=5"],
            "has no column `wieght`; did you mean `weight`?",
        ),
        (["hubs", "contoso-weu-1", "weight"], "`weight` has no `=`"),
        (["hubs", "contoso-weu-1", "RowKey=x"], "`RowKey` is a key"),
        (
            ["latency", "eastus", "milliseconds=1"],
            "`eastus` names several rows: eu-west/eastus, sg/eastus",
        ),
        (
            ["rules", "100-toaster", "hub="],
            "did you mean `100-toasters`?",
        ),
    ] {
        let run = set(&folder, &words);
        assert_eq!(run.code, Some(2), "{}", run.stdout);
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
}

#[test]
fn tables_never_get_an_error() {
    let folder = Folder::starter();
    let before = file(&folder, "hubs.csv");
    let shown = set(&folder, &["hubs", "contoso-weu-1", "weight=two"]).answer(1);
    assert!(shown.contains("`two` is not a whole number"), "{shown}");
    assert_eq!(file(&folder, "hubs.csv"), before);

    let cloud = Cloud::starter();
    let shown = cloud
        .run(&["set", "--yes", "hubs", "contoso-weu-1", "weight=two"])
        .answer(1);
    assert!(shown.contains("`two` is not a whole number"), "{shown}");
    assert_eq!(cloud.cell(TableName::Hubs, WEU, "weight"), "2");
}

#[test]
fn an_error_can_be_repaired() {
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,two");
    set(&folder, &["hubs", "contoso-weu-1", "weight=2"]).answer(0);
    assert_eq!(revision(folder.path()), revision("infra/policy"));
}

#[test]
fn in_the_tables_it_asks_and_history_tells() {
    let cloud = Cloud::starter();
    let words = ["set", "hubs", "contoso-weu-1", "weight=5"];
    let refused = cloud.run(&words).refusal(2);
    assert!(
        refused.contains(": write 1 row to Azure Tables"),
        "{refused}"
    );
    let screen = cloud.terminal(&words).answer("y").end(0);
    assert!(screen.contains("      weight: 2 -> 5\n"), "{screen}");
    assert_eq!(cloud.cell(TableName::Hubs, WEU, "weight"), "5");
    let history = cloud.run(&["history"]).answer(0);
    assert!(history.contains("set hubs contoso-weu-1"), "{history}");

    let mut terminal = cloud.terminal(&["set", "hubs", "contoso-weu-1", "weight=6"]);
    terminal.until("[y/N] ");
    cloud.edit(TableName::Hubs, WEU, "weight", "7");
    let screen = terminal.answer("y").end(1);
    assert!(screen.contains("somebody has edited the row "), "{screen}");
    assert_eq!(cloud.cell(TableName::Hubs, WEU, "weight"), "7");
}

#[test]
fn a_device_in_the_tables_is_a_row_of_its_own() {
    let cloud = Cloud::starter();
    let before = (cloud.revision(), cloud.rows(TableName::Devices).len());
    let pump = [
        "set",
        "--yes",
        "devices",
        "Pump-0042",
        "location=sg",
        "note=",
    ];
    cloud.run(&pump).answer(0);
    assert_eq!(
        cloud.cell(TableName::Devices, "pump-0042/device", "location"),
        "sg"
    );
    let new = [
        "set",
        "--yes",
        "--new",
        "devices",
        "Pump-9",
        "tenant=tenant-a",
    ];
    cloud.run(&new).answer(0);
    assert_eq!(
        cloud.cell(TableName::Devices, "pump-9/device", "tenant"),
        "tenant-a"
    );
    let wrong = ["set", "--yes", "devices", "pump-9", "tenant=nobody"];
    assert!(cloud.run(&wrong).answer(1).contains("nobody"));
    assert_eq!(
        (cloud.revision(), cloud.rows(TableName::Devices).len() - 1),
        before
    );
    let missing = cloud
        .run(&["set", "--yes", "devices", "pump-8", "location=sg"])
        .message();
    assert!(
        missing.contains("`pump-8` is not in the devices table"),
        "{missing}"
    );
}
