//! `rollback`: a stored revision and back again.

use dps_allocation::Policy;
use dps_allocation::tables::TableName;
use dps_policy_store::CsvFolder;
use tempfile::TempDir;

use crate::cloud::Cloud;
use crate::program::{Folder, short};

const WEU: &str = "hub/contoso-weu-1.azure-devices.net";

/// Two revisions, the second one in force.
fn two_revisions() -> (Cloud, [String; 2]) {
    let cloud = Cloud::starter();
    let first = cloud.revision();
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,5");
    cloud.run(&["push", "--yes", folder.path()]).answer(0);
    let second = cloud.revision();
    (cloud, [first, second])
}

#[test]
fn a_rollback_can_be_rolled_back() {
    let (cloud, [first, second]) = two_revisions();
    let devices = cloud.rows(TableName::Devices);
    let shown = cloud.run(&["rollback", "--yes", &first]).answer(0);
    assert!(shown.contains("\n      weight: 5 -> 2\n"), "{shown}");
    assert!(
        shown.ends_with(&format!("\nthe tables hold revision {}\n", short(&first))),
        "{shown}"
    );
    assert_eq!(
        cloud.run(&["diff", "tables", "infra/policy"]).answer(0),
        "no difference\n"
    );
    let why = ["rollback", "--yes", "--reason", "it was right", &second];
    cloud.run(&why).answer(0);
    assert_eq!(cloud.revision(), second);
    assert_eq!(cloud.rows(TableName::Devices), devices);
    let shown = cloud.run(&["history"]).answer(0);
    assert!(shown.contains("says \"somebody\": rollback\n"), "{shown}");
    assert!(
        shown.contains("says \"somebody\": it was right\n"),
        "{shown}"
    );
}

#[test]
fn the_previous_revision_needs_no_name() {
    let (cloud, [first, second]) = two_revisions();
    for expected in [&first, &second, &first] {
        cloud.run(&["rollback", "--yes", "--previous"]).answer(0);
        assert_eq!(cloud.revision(), **expected);
    }
    // An edit that nobody has kept yet: back to what was in use before it.
    cloud.edit(TableName::Hubs, WEU, "weight", "7");
    cloud.run(&["rollback", "--yes", "--previous"]).answer(0);
    assert_eq!(cloud.revision(), first);
    // Or one with an error.
    cloud.edit(TableName::Hubs, WEU, "weight", "two");
    cloud.run(&["rollback", "--yes", "--previous"]).answer(0);
    assert_eq!(cloud.revision(), first);
    let none = Cloud::without_rows().run(&["rollback", "--yes", "--previous"]);
    assert!(none.message().starts_with("no other revision is stored"));
    let both = cloud.run(&["rollback", "--previous", &first]);
    assert_eq!(both.code, Some(2), "{}", both.stderr);
}

#[test]
fn the_current_revision_is_no_difference() {
    let (cloud, [_, second]) = two_revisions();
    assert_eq!(
        cloud.run(&["rollback", &second]).answer(0),
        "no difference\n"
    );
    let document = cloud.run(&["rollback", "--yes", "--json", &second]).json(0);
    assert_eq!(document["changes"], serde_json::json!([]));
}

#[test]
fn an_unknown_revision_is_told() {
    let cloud = Cloud::starter();
    let message = cloud.run(&["rollback", "--yes", "0123456789ab"]).message();
    let expected =
        "revision `0123456789ab` is not stored; `dps-policy history` lists those that are";
    assert_eq!(message, expected);
    let wrong = cloud.run(&["rollback", "--yes", "latest"]);
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.stderr.contains("write 7 to 64 of its hex digits"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn it_asks_and_an_edit_meanwhile_is_kept() {
    let (cloud, [first, second]) = two_revisions();
    let screen = cloud.terminal(&["rollback", &first]).answer("n").end(1);
    assert!(
        screen.ends_with("dps-policy: nothing was written\n"),
        "{screen}"
    );
    assert_eq!(cloud.revision(), second);
    let mut terminal = cloud.terminal(&["rollback", &first]);
    terminal.until("[y/N] ");
    cloud.edit(TableName::Hubs, WEU, "weight", "7");
    let screen = terminal.answer("y").end(1);
    assert!(
        screen.contains("dps-policy: somebody has edited the "),
        "{screen}"
    );
    assert_eq!(cloud.cell(TableName::Hubs, WEU, "weight"), "7");
}

/// A version that checked less has kept it; nobody has touched it since.
#[test]
fn what_stricter_checks_refuse_is_not_damaged() {
    let cloud = Cloud::starter();
    let before = cloud.revision();
    let old = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,two");
    let tables = CsvFolder::new(old.path()).read().unwrap().tables;
    let good = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,9");
    let good = Policy::read(&CsvFolder::new(good.path()).read().unwrap().tables);
    let kept = good.policy.unwrap().revision();
    cloud.keep(kept, &tables);
    let rolled = cloud.run(&["rollback", "--yes", &kept.short().to_string()]);
    assert!(
        rolled.stdout.contains("`two` is not a whole number"),
        "{}",
        rolled.stdout
    );
    let message = rolled.refusal(1);
    assert!(
        message.contains("is as it was stored, but this version finds errors"),
        "{message}"
    );
    assert!(!message.contains("damaged"), "{message}");
    assert_eq!(cloud.revision(), before);

    // As the message says: pull, correct, push.
    let (parent, source) = (TempDir::new().unwrap(), format!("tables@{kept}"));
    let folder = parent.path().to_str().unwrap();
    cloud.run(&["pull", "--from", &source, folder]).refusal(0);
    let repair = [
        "set",
        "--policy",
        folder,
        "hubs",
        "contoso-weu-1",
        "weight=3",
    ];
    cloud.run(&repair).answer(0);
    cloud.run(&["push", "--yes", folder]).answer(0);
    assert_eq!(cloud.cell(TableName::Hubs, WEU, "weight"), "3");
}
