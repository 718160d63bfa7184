//! `diff`: rows and cells that differ, exit codes, JSON.

use serde_json::json;

use crate::program::{Folder, run};

/// One row more, one less, one with other cells.
fn edited() -> Folder {
    Folder::starter()
        .edit(
            "hubs.csv",
            "EU,factory,2,,open,,",
            "EU,factory,3,,open,,two units",
        )
        .edit("latency.csv", "sg,eastus,221,\n", "")
        .edit(
            "latency.csv",
            "eu-west,eastus,83,",
            "eu-west,eastus,83,\nfr,eastus,80,guessed",
        )
}

#[test]
fn rows_and_cells_are_shown_by_table() {
    let folder = edited();
    assert_eq!(
        run(&["diff", "infra/policy", folder.path()]).answer(1),
        "\
hubs
  ~ hub/contoso-weu-1.azure-devices.net
      note: (empty) -> two units
      weight: 2 -> 3
latency
  + fr/eastus
      milliseconds: 80
      note: guessed
  - sg/eastus
      milliseconds: 221
rows: 1 added, 1 removed, 1 changed
"
    );
    let back = run(&["diff", folder.path(), "infra/policy"]).answer(1);
    assert!(back.contains("\n      weight: 3 -> 2\n"), "{back}");
    assert!(back.contains("\n  + sg/eastus\n"), "{back}");
}

#[test]
fn the_same_tables_have_no_difference() {
    let spelled = Folder::starter().edit("hubs.csv", "westeurope,EU,", "West Europe,eu,");
    let arguments = ["diff", "infra/policy", spelled.path()];
    assert_eq!(run(&arguments).answer(0), "no difference\n");
    let document = run(&["diff", "infra/policy", spelled.path(), "--json"]).json(0);
    let expected = json!({"from": "infra/policy", "to": spelled.path(), "changes": []});
    assert_eq!(document, expected);
}

#[test]
fn json_holds_the_same() {
    let document = run(&["diff", "infra/policy", edited().path(), "--json"]).json(1);
    let changes = document["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 3);
    assert_eq!(changes[0]["change"], "changed");
    assert_eq!(changes[0]["row"], "contoso-weu-1.azure-devices.net");
    let weight = json!({"column": "weight", "before": "2", "after": "3"});
    assert_eq!(changes[0]["cells"][1], weight);
}

#[test]
fn tables_with_errors_can_be_compared_but_not_broken_files() {
    let wrong = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,two");
    let answer = run(&["diff", "infra/policy", wrong.path()]).answer(1);
    assert!(answer.contains("\n      weight: 2 -> two\n"), "{answer}");
    let broken = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,\"factory,2");
    for (from, to) in [
        ("infra/policy", broken.path()),
        (broken.path(), "infra/policy"),
    ] {
        let message = run(&["diff", from, to]).message();
        assert!(message.contains(" cannot be compared "), "{message}");
        assert!(
            message.contains("hubs, line 3: a quoted cell is not closed"),
            "{message}"
        );
    }
    let nowhere = run(&["diff", "infra/policy", "nowhere"]).message();
    assert!(
        nowhere.starts_with("`nowhere` cannot be listed"),
        "{nowhere}"
    );
}

#[test]
fn what_a_cell_holds_cannot_break_a_line_or_steer_the_terminal() {
    let cell = "EU,factory,2,,open,,\"a\nb\u{1b}[31m\"";
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2,,open,,", cell);
    let answer = run(&["diff", "infra/policy", folder.path()]).answer(1);
    assert!(
        answer.contains("\n      note: (empty) -> a\\nb\\u{1b}[31m\n"),
        "{answer}"
    );
}
