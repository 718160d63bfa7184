//! `pull`: folders that hold what the tables hold, and what is not replaced.

use std::fs;
use std::path::Path;

use dps_allocation::Policy;
use dps_allocation::tables::TableName;
use dps_policy_store::LastGood;
use tempfile::TempDir;

use crate::cloud::Cloud;
use crate::program::{Folder, run};

const WEU: &str = "hub/contoso-weu-1.azure-devices.net";

/// A path in a folder of the test's own; nothing is there yet.
fn nothing() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a/policy").to_str().unwrap().to_owned();
    (folder, path)
}

fn file(folder: &str, name: &str) -> String {
    fs::read_to_string(Path::new(folder).join(name)).unwrap()
}

#[test]
fn what_was_pushed_comes_back() {
    let (cloud, (_parent, folder)) = (Cloud::starter(), nothing());
    let pulled = cloud.run(&["pull", &folder]).answer(0);
    assert_eq!(
        pulled,
        format!("7 files with 33 rows written to `{folder}`\n")
    );
    let checked = run(&["check", &folder, "--json"]).json(0);
    assert_eq!(checked["revision"], cloud.revision());
    assert_eq!(checked["tables"]["devices"], 0);
    for arguments in [["diff", "tables", &folder], ["push", "--yes", &folder]] {
        assert_eq!(cloud.run(&arguments).answer(0), "no difference\n");
    }
    let again = cloud.run(&["pull", &folder]).answer(0);
    let same = format!("0 files with 0 rows written to `{folder}`; 7 tables had the same rows\n");
    assert_eq!(again, same);
}

#[test]
fn devices_come_where_they_are_asked_for() {
    let (cloud, (_parent, folder)) = (Cloud::starter(), nothing());
    let pulled = cloud.run(&["pull", "--devices", &folder]).answer(0);
    assert!(pulled.starts_with("8 files with 35 rows "), "{pulled}");
    assert_eq!(
        run(&["diff", "infra/policy", &folder]).answer(0),
        "no difference\n"
    );
    let same = cloud.run(&["push", "--devices", &folder]).answer(0);
    assert_eq!(same, "no difference\n");
}

#[test]
fn other_rows_are_replaced_only_by_force() {
    let cloud = Cloud::starter();
    let edited = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,5");
    let (hubs, rules) = (
        file(edited.path(), "hubs.csv"),
        file(edited.path(), "rules.csv"),
    );
    let refused = cloud.run(&["pull", edited.path()]);
    let rows = "hubs\n  ~ hub/contoso-weu-1.azure-devices.net\n      weight: 5 -> 2\n\
                rows: 0 added, 0 removed, 1 changed\n";
    assert_eq!(refused.stdout, rows);
    let message = refused.refusal(1);
    let path = edited.path();
    let expected = "has other rows; nothing was written, add --force to replace them";
    assert_eq!(message, format!("`{path}` {expected}"));
    assert_eq!(file(path, "hubs.csv"), hubs);

    let pulled = cloud.run(&["pull", "--force", path]).answer(0);
    assert_eq!(
        pulled,
        format!("1 file with 8 rows written to `{path}`; 6 tables had the same rows\n")
    );
    assert_eq!(
        run(&["diff", "infra/policy", path]).answer(0),
        "no difference\n"
    );
    assert_eq!(
        file(path, "rules.csv"),
        rules,
        "comments of the same rows stay"
    );
}

#[test]
fn lines_that_cannot_be_read_are_rows_too() {
    let cloud = Cloud::starter();
    let broken = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,\"factory,2");
    let hubs = file(broken.path(), "hubs.csv");
    let message = cloud.run(&["pull", broken.path()]).refusal(1);
    assert!(
        message.contains("hubs, line 3: a quoted cell is not closed"),
        "{message}"
    );
    assert_eq!(file(broken.path(), "hubs.csv"), hubs);
    cloud.run(&["pull", "--force", broken.path()]).answer(0);
    assert_eq!(
        run(&["diff", "infra/policy", broken.path()]).answer(0),
        "no difference\n"
    );
}

#[test]
fn an_older_revision_can_be_pulled() {
    let (cloud, (_parent, folder)) = (Cloud::starter(), nothing());
    let first = format!("tables@{}", cloud.revision());
    let edited = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,5");
    cloud.run(&["push", "--yes", edited.path()]).answer(0);
    cloud.run(&["pull", "--from", &first, &folder]).answer(0);
    assert!(
        first.ends_with(
            run(&["check", &folder, "--json"]).json(0)["revision"]
                .as_str()
                .unwrap()
        )
    );
    let shown = cloud.run(&["diff", &first, "tables"]).answer(1);
    assert!(shown.contains("\n      weight: 2 -> 5\n"), "{shown}");
    let unknown = cloud
        .run(&["pull", "--from", "tables@0123456789ab", &folder])
        .message();
    assert!(
        unknown.starts_with("revision `0123456789ab` is not stored"),
        "{unknown}"
    );
    let wrong = cloud
        .run(&["pull", "--from", "infra/policy", &folder])
        .message();
    assert!(
        wrong.starts_with("`infra/policy` is a folder; pull reads `tables`"),
        "{wrong}"
    );
}

#[test]
fn the_last_good_policy_is_one_that_the_webhook_takes() {
    let (cloud, (parent, folder)) = (Cloud::starter(), nothing());
    let path = parent.path().join("new/last-good.policy");
    let last_good = path.to_str().unwrap();
    cloud
        .run(&["pull", "--devices", "--last-good", last_good, &folder])
        .answer(0);
    let kept = LastGood::read(&path).unwrap().unwrap();
    let policy = Policy::read(&kept.tables).policy.unwrap();
    assert_eq!(policy.revision().to_string(), cloud.revision());
    // The webhook takes a file of its own tables only, by the same words.
    assert_eq!(
        kept.source,
        cloud.run(&["history", "--json"]).json(0)["source"]
    );
    assert!(kept.tables.table(TableName::Devices).is_empty());
    assert!(
        !fs::read_to_string(&path)
            .unwrap()
            .contains(&azurite::KEY[..16])
    );
}

#[test]
fn tables_with_errors_are_no_last_good_policy() {
    let (cloud, (parent, folder)) = (Cloud::starter(), nothing());
    cloud.edit(TableName::Hubs, WEU, "weight", "two");
    let path = parent.path().join("last-good.policy");
    let refused = cloud.run(&["pull", "--last-good", path.to_str().unwrap(), &folder]);
    assert_eq!(refused.answer(1), cloud.run(&["check"]).answer(1));
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);

    let pulled = cloud.run(&["pull", &folder]);
    assert_eq!(
        pulled.refusal(0),
        "the tables have errors, which check shows"
    );
    assert!(file(&folder, "hubs.csv").contains(",two,"));
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let cloud = Cloud::starter();
    let message = cloud.run(&["pull", "/proc/policy"]).message();
    assert!(
        message.starts_with("`/proc/policy` cannot be written: "),
        "{message}"
    );
    let message = cloud.run(&["pull", "README.md/policy"]).message();
    assert!(
        message.starts_with("`README.md/policy` cannot be listed: Not a directory"),
        "{message}"
    );
    let (_parent, folder) = nothing();
    let last_good = cloud
        .run(&["pull", "--last-good", "/proc/file", &folder])
        .refusal(2);
    assert!(
        last_good.starts_with("`/proc/file` cannot be written: "),
        "{last_good}"
    );
}
