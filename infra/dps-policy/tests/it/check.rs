//! `check`: findings, closing line, exit code, JSON.

use dps_allocation::tables::TableName;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::program::{Folder, program, run, short};
use crate::terminal::Terminal;

/// A line with an error, one with a warning.
fn wrong() -> Folder {
    Folder::starter()
        .edit("hubs.csv", "EU,factory,2", "EU,factory,two")
        .edit("latency.csv", "sg,eastus,221,", "sg,moon,221,")
}

#[test]
fn good_tables_have_a_revision_and_rows() {
    let answer = run(&["check", "infra/policy"]).answer(0);
    let (revision, rows) = answer.split_once(": ").unwrap();
    assert!(
        revision.starts_with("revision ") && revision.len() == 21,
        "{answer}"
    );
    let expected = "hubs 8, enrollments 5, tenants 2, rules 3, rollouts 1, latency 9, twins 5, \
                    devices 2\n";
    assert_eq!(rows, expected);
}

#[test]
fn a_broken_row_is_shown_with_its_line_and_what_to_do() {
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,two");
    assert_eq!(
        run(&["check", folder.path()]).answer(1),
        "error: hubs hub/contoso-weu-1.azure-devices.net, line 3, column weight: `two` is not a \
         whole number from 0 to 1000; write digits only, or leave the cell empty for the default\n\
         refused: 1 error\n"
    );
}

#[test]
fn errors_come_first_each_on_a_line() {
    let answer = run(&["check", wrong().path()]).answer(1);
    let lines: Vec<&str> = answer.lines().collect();
    let [first, second, last] = lines[..] else {
        panic!("{answer}")
    };
    assert!(first.starts_with("error: hubs "), "{answer}");
    assert!(
        second.starts_with("warning: latency sg/moon, line 10"),
        "{answer}"
    );
    assert_eq!(last, "refused: 1 error, 1 warning");
}

#[test]
fn a_file_and_the_tables_are_judged_together() {
    let folder = wrong().edit(
        "rules.csv",
        "*,900-quarantine,also,",
        "*,900-quarantine,also,\"open",
    );
    let answer = run(&["check", folder.path()]).answer(1);
    assert!(
        answer.starts_with("error: rules, line 4: a quoted cell is not closed"),
        "{answer}"
    );
    assert!(
        answer.ends_with("\nrefused: 2 errors, 1 warning\n"),
        "{answer}"
    );
}

#[test]
fn warnings_alone_are_good() {
    let folder = Folder::starter().edit("latency.csv", "sg,eastus,221,", "sg,moon,221,");
    let answer = run(&["check", folder.path()]).answer(0);
    assert!(answer.starts_with("warning: latency sg/moon"), "{answer}");
    assert!(answer.ends_with("devices 2; 1 warning\n"), "{answer}");
    let document = run(&["check", "--json", folder.path()]).json(0);
    assert_eq!(document["findings"][0]["severity"], "warning");
}

#[test]
fn json_holds_the_same() {
    let good = run(&["check", "--json", "infra/policy"]).json(0);
    let shown = run(&["check", "infra/policy"]).answer(0);
    let revision = good["revision"].as_str().unwrap();
    assert!(
        shown.starts_with(&format!("revision {}: ", short(revision))),
        "{shown}"
    );
    assert_eq!(good["source"], "infra/policy");
    assert_eq!(good["findings"], json!([]));
    let rows = json!({
        "hubs": 8, "enrollments": 5, "tenants": 2, "rules": 3,
        "rollouts": 1, "latency": 9, "twins": 5, "devices": 2,
    });
    assert_eq!(good["tables"], rows);

    let folder = wrong();
    let refused = run(&["check", "--json", folder.path()]).json(1);
    assert_eq!(refused["revision"], json!(null));
    assert_eq!(refused["source"], folder.path());
    assert_eq!(refused["tables"], rows);
    let findings = refused["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2);
    assert_eq!(findings[0]["line"], 3);
    assert_eq!(findings[0]["column"], "weight");
}

#[test]
fn what_a_cell_holds_cannot_break_a_line_or_steer_the_terminal() {
    let cell = "EU,factory,\"t\nw\u{1b}[31mo\"";
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2", cell);
    let answer = run(&["check", folder.path()]).answer(1);
    assert!(
        answer.contains("`t\\nw\\u{1b}[31mo` is not a whole number"),
        "{answer}"
    );
    assert_eq!(answer.lines().count(), 2);
}

/// Keys of Azure Tables are case-sensitive; a push puts them right.
#[test]
fn a_device_row_that_lookups_do_not_find_is_named() {
    let cloud = Cloud::starter();
    cloud.edit(TableName::Devices, "Pump-7/device", "tenant", "tenant-a");
    cloud.edit(TableName::Devices, "PUMP-8/Device", "tenant", "tenant-a");
    let refused = cloud.run(&["check", "tables", "--json"]).json(1);
    let findings = refused["findings"].as_array().unwrap().iter();
    let places = findings.map(|it| json!([it["severity"], it["table"], it["row"], it["column"]]));
    assert_eq!(
        places.collect::<Value>(),
        json!([
            ["error", "devices", "Pump-7/device", "PartitionKey"],
            ["warning", "devices", "PUMP-8/Device", "PartitionKey"],
        ])
    );

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("pulled");
    let folder = folder.to_str().unwrap();
    let pulled = cloud.run(&["pull", "--devices", folder]);
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(
        pulled.stderr.contains("keys of device rows"),
        "{}",
        pulled.stderr
    );
    cloud.run(&["push", "--yes", "--devices", folder]).answer(0);
    let keys = cloud.rows(TableName::Devices).into_iter();
    let keys: Vec<String> = keys.map(|row| row.key.to_string()).collect();
    assert!(keys.contains(&"pump-7/device".to_owned()), "{keys:?}");
    assert!(keys.contains(&"pump-8/device".to_owned()), "{keys:?}");
    assert_eq!(keys.len(), 4, "{keys:?}");
    let checked = cloud.run(&["check", "tables", "--json"]).json(0);
    assert_eq!(checked["findings"], json!([]));
}

/// Findings are longer than a line of a terminal, and are read there.
#[test]
fn on_a_terminal_findings_break_between_words() {
    let folder = wrong();
    let arguments = ["check", folder.path()];
    let piped = run(&arguments).answer(1);
    let screen = Terminal::with_80_columns(&program(&arguments)).end(1);
    assert!(
        screen.lines().all(|line| line.chars().count() <= 80),
        "{screen}"
    );
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&screen), words(&piped));
    let message = Terminal::with_80_columns(&program(&["check", "no/such/folder"])).end(2);
    assert!(
        message.lines().count() > 1 && message.contains("\n  "),
        "{message}"
    );
    assert!(
        message.lines().all(|line| line.chars().count() <= 80),
        "{message}"
    );
}
