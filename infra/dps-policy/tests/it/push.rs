//! `push`: what is written and what is not, and who is asked.

use dps_allocation::tables::TableName;
use serde_json::json;

use crate::cloud::Cloud;
use crate::program::{Folder, revision, run, short};

/// One row of each of two tables.
fn edited() -> Folder {
    Folder::starter()
        .edit("hubs.csv", "EU,factory,2", "EU,factory,5")
        .edit("twins.csv", "\"\"ready\"\"", "\"\"set\"\"")
}

/// Whether the rows are those of the starter tables.
fn is_starter(cloud: &Cloud) -> bool {
    cloud.run(&["diff", "tables", "infra/policy"]).code == Some(0)
}

#[test]
fn the_first_push_makes_the_tables() {
    let cloud = Cloud::empty();
    let pushed = cloud.run(&["push", "--yes", "infra/policy"]);
    assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
    assert_eq!(
        pushed.stderr.matches(" created\n").count(),
        9,
        "{}",
        pushed.stderr
    );
    let shown = pushed.stdout;
    assert!(shown.starts_with("hubs\n  + hub/contoso-"), "{shown}");
    assert!(shown.contains("\ntwins\n  + "), "{shown}");
    assert!(!shown.contains("\ndevices\n"), "{shown}");
    assert_eq!(shown.matches("\n  + ").count(), 33, "{shown}");
    let revision = revision("infra/policy");
    let short = short(&revision);
    let end = format!("\nrows: 33 added, 0 removed, 0 changed\nthe tables hold revision {short}\n");
    assert!(shown.ends_with(&end), "{shown}");
    let checked = cloud.run(&["check"]).answer(0);
    assert!(
        checked.starts_with(&format!("revision {short}: hubs 8, ")),
        "{checked}"
    );
    let again = cloud.run(&["push", "infra/policy"]);
    assert_eq!(again.answer(0), "no difference\n");
}

#[test]
fn only_rows_that_differ_are_written() {
    let (cloud, folder) = (Cloud::starter(), edited());
    let before = cloud.rows(TableName::Hubs);
    let pushed = cloud.run(&["push", "--yes", folder.path()]).answer(0);
    let revision = revision(folder.path());
    let expected = "\
hubs
  ~ hub/contoso-weu-1.azure-devices.net
      weight: 2 -> 5
twins
  ~ */appliance
      desired: {\"state\":\"ready\"} -> {\"state\":\"set\"}
rows: 0 added, 0 removed, 2 changed
the tables hold revision ";
    assert_eq!(pushed, format!("{expected}{}\n", short(&revision)));
    let after = cloud.rows(TableName::Hubs);
    let written = before.iter().zip(&after).filter(|(a, b)| a.etag != b.etag);
    assert_eq!(written.count(), 1);
    assert_eq!(cloud.revision(), revision);
    let back = cloud.run(&["push", "--yes", "infra/policy"]).answer(0);
    assert!(back.contains("\n      weight: 5 -> 2\n"), "{back}");
    assert!(is_starter(&cloud));
}

#[test]
fn json_is_all_of_stdout() {
    let cloud = Cloud::empty();
    let first = cloud.run(&["push", "--yes", "--json", "infra/policy"]);
    let document: serde_json::Value = first.document(0);
    assert_eq!(document["revision"], revision("infra/policy"));
    assert_eq!(document["changes"].as_array().unwrap().len(), 33);
    assert_eq!(document["written"], true);
    let again = cloud
        .run(&["push", "--yes", "--json", "infra/policy"])
        .json(0);
    let expected = json!({"revision": document["revision"], "changes": [], "written": true});
    assert_eq!(again, expected);
    let alone = cloud.run(&["push", "--json", "infra/policy"]);
    assert_eq!(alone.code, Some(2));
    assert!(alone.stderr.contains("--yes"), "{}", alone.stderr);
}

#[test]
fn without_anybody_to_ask_nothing_is_written() {
    let cloud = Cloud::empty();
    let message = cloud.run(&["push", "infra/policy"]).message();
    assert!(
        message.starts_with("stdin is not a terminal, so nobody can answer: create the tables T"),
        "{message}"
    );
    assert!(message.ends_with("add --yes to agree"), "{message}");
    let tables = cloud.run(&["check"]).message();
    assert!(tables.contains(" has no table "), "{tables}");

    let cloud = Cloud::starter();
    let refused = cloud.run(&["push", edited().path()]);
    assert!(
        refused
            .stdout
            .ends_with("rows: 0 added, 0 removed, 2 changed\n")
    );
    let message = refused.refusal(2);
    assert!(
        message.contains(": write 2 rows to Azure Tables `http"),
        "{message}"
    );
    assert!(is_starter(&cloud));
}

#[test]
fn at_a_terminal_it_asks() {
    let (cloud, folder) = (Cloud::starter(), edited());
    for answer in ["n", "", "yes please"] {
        let screen = cloud
            .terminal(&["push", folder.path()])
            .answer(answer)
            .end(1);
        assert!(
            screen.contains("write 2 rows to Azure Tables `http"),
            "{screen}"
        );
        assert!(
            screen.ends_with("dps-policy: nothing was written\n"),
            "{screen}"
        );
        assert!(is_starter(&cloud));
    }
    let screen = cloud.terminal(&["push", folder.path()]).answer("y").end(0);
    assert!(screen.contains("2 of 2 rows written"), "{screen}");
    assert_eq!(cloud.revision(), revision(folder.path()));
}

#[test]
fn tables_are_made_when_that_is_agreed_to() {
    let cloud = Cloud::empty();
    let screen = cloud.terminal(&["push", "infra/policy"]).answer("n").end(1);
    assert!(
        screen.ends_with("dps-policy: nothing was written\n"),
        "{screen}"
    );
    assert!(cloud.run(&["check"]).message().contains(" has no table "));
    let screen = cloud
        .terminal(&["push", "infra/policy"])
        .answer("y")
        .answer("n")
        .end(1);
    assert_eq!(screen.matches(" created\n").count(), 9, "{screen}");
    assert_eq!(cloud.rows(TableName::Hubs), []);
    cloud.terminal(&["push", "infra/policy"]).answer("y").end(0);
    assert!(is_starter(&cloud));
}

#[test]
fn a_folder_with_errors_is_not_pushed() {
    let cloud = Cloud::starter();
    let wrong = edited().edit("hubs.csv", "EU,factory,5", "EU,factory,two");
    let shown = cloud.run(&["push", "--yes", wrong.path()]).answer(1);
    assert_eq!(shown, run(&["check", wrong.path()]).answer(1));
    let document = cloud
        .run(&["push", "--yes", "--json", wrong.path()])
        .json(1);
    assert_eq!(document, run(&["check", "--json", wrong.path()]).json(1));
    assert!(is_starter(&cloud));
    let nowhere = cloud.run(&["push", "--yes", "nowhere"]).message();
    assert!(
        nowhere.starts_with("`nowhere` cannot be listed"),
        "{nowhere}"
    );
}

#[test]
fn devices_are_pushed_where_that_is_asked_for() {
    let cloud = Cloud::without_rows();
    cloud.run(&["push", "--yes", "infra/policy"]).answer(0);
    assert_eq!(cloud.rows(TableName::Devices), []);
    let shown = cloud
        .run(&["push", "--yes", "--devices", "infra/policy"])
        .answer(0);
    assert!(
        shown.starts_with("devices\n  + pump-0042/device\n"),
        "{shown}"
    );
    assert_eq!(cloud.rows(TableName::Devices).len(), 2);
    let fewer = Folder::starter().edit(
        "devices.csv",
        "pump-0043,device,tenant-a,sg,,,plant 9\n",
        "",
    );
    assert_eq!(
        cloud.run(&["push", "--yes", fewer.path()]).answer(0),
        "no difference\n"
    );
    assert_eq!(cloud.rows(TableName::Devices).len(), 2);
    cloud
        .run(&["push", "--yes", "--devices", fewer.path()])
        .answer(0);
    assert_eq!(cloud.rows(TableName::Devices).len(), 1);
}

#[test]
fn what_azure_cannot_hold_is_told_before_anything_is_written() {
    let cloud = Cloud::starter();
    let long = "x".repeat(40_000);
    let folder = edited().edit(
        "latency.csv",
        "sg,eastus,221,",
        &format!("sg,eastus,221,{long}"),
    );
    let message = cloud.run(&["push", "--yes", folder.path()]).message();
    assert!(
        message.starts_with("Azure Tables cannot hold these rows: latency: "),
        "{message}"
    );
    assert!(is_starter(&cloud));
}
