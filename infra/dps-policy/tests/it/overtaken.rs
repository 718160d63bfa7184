//! A copy of the tables that others have edited since it was pulled.

use std::fs;
use std::path::Path;

use dps_allocation::tables::TableName;
use serde_json::json;
use tempfile::TempDir;

use crate::cloud::Cloud;
use crate::program::{Folder, run, short};

const WEU: &str = "hub/contoso-weu-1.azure-devices.net";
const EUS: &str = "hub/contoso-eus-1.azure-devices.net";

/// A copy of the tables, with an edit of one row.
fn copy(cloud: &Cloud) -> (TempDir, String) {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().to_str().unwrap().to_owned();
    cloud.run(&["pull", &folder]).answer(0);
    edit(&folder, "5");
    (parent, folder)
}

fn edit(folder: &str, weight: &str) {
    let weight = format!("weight={weight}");
    run(&["set", "--policy", folder, "hubs", "contoso-weu-1", &weight]).answer(0);
}

fn weights(cloud: &Cloud) -> [String; 2] {
    [WEU, EUS].map(|hub| cloud.cell(TableName::Hubs, hub, "weight"))
}

#[test]
fn the_edits_of_others_are_not_undone() {
    let cloud = Cloud::starter();
    let (_parent, folder) = copy(&cloud);
    let base = cloud.revision();
    cloud
        .run(&["set", "--yes", "hubs", "contoso-eus-1", "weight=9"])
        .answer(0);
    for push in [vec!["push", &folder], vec!["push", "--yes", &folder]] {
        let refused = cloud.run(&push);
        let theirs = format!(
            "changed by others since revision {}:\nhubs\n  ~ {EUS}\n      weight: 1 -> 9\n\
             rows: 0 added, 0 removed, 1 changed\n",
            short(&base)
        );
        assert_eq!(refused.stdout, theirs);
        let message = refused.refusal(1);
        let begin = format!(
            "the folder was pulled at revision {}, but the tables hold revision ",
            short(&base)
        );
        assert!(message.starts_with(&begin), "{message}");
        assert!(message.contains("nothing was written"), "{message}");
    }
    let refused = cloud.run(&["push", "--yes", "--json", &folder]);
    let document: serde_json::Value = refused.document(1);
    assert_eq!(
        (&document["written"], &document["base"]),
        (&json!(false), &json!(base))
    );
    assert_eq!(
        document["theirs"][0]["row"],
        "contoso-eus-1.azure-devices.net"
    );
    assert_eq!(weights(&cloud), ["2", "9"]);

    cloud.run(&["push", "--yes", "--force", &folder]).answer(0);
    assert_eq!(weights(&cloud), ["5", "1"]);
    edit(&folder, "6");
    cloud.run(&["push", "--yes", &folder]).answer(0);
    assert_eq!(
        weights(&cloud),
        ["6", "1"],
        "a push is what the next edit is based on"
    );
}

#[test]
fn a_copy_that_nobody_has_overtaken_is_pushed() {
    let cloud = Cloud::starter();
    let (_parent, folder) = copy(&cloud);
    for weight in ["5", "6"] {
        edit(&folder, weight);
        cloud.run(&["push", "--yes", &folder]).answer(0);
        assert_eq!(weights(&cloud)[0], weight);
    }
    // The same edit by somebody else is not a difference.
    edit(&folder, "7");
    cloud
        .run(&["set", "--yes", "hubs", "contoso-weu-1", "weight=7"])
        .answer(0);
    assert_eq!(
        cloud.run(&["push", "--yes", &folder]).answer(0),
        "no difference\n"
    );
}

#[test]
fn errors_of_others_are_edits_too() {
    let cloud = Cloud::starter();
    let (_parent, folder) = copy(&cloud);
    cloud.edit(TableName::Hubs, EUS, "weight", "two");
    let message = cloud.run(&["push", "--yes", &folder]).refusal(1);
    assert!(
        message.contains("have been edited, and have errors"),
        "{message}"
    );
}

#[test]
fn an_older_revision_is_an_old_base() {
    let cloud = Cloud::starter();
    let first = format!("tables@{}", cloud.revision());
    cloud
        .run(&["set", "--yes", "hubs", "contoso-eus-1", "weight=9"])
        .answer(0);
    let parent = TempDir::new().unwrap();
    let folder = parent.path().to_str().unwrap();
    cloud.run(&["pull", "--from", &first, folder]).answer(0);
    assert_eq!(cloud.run(&["push", "--yes", folder]).code, Some(1));
    cloud.run(&["push", "--yes", "--force", folder]).answer(0);
    assert_eq!(weights(&cloud), ["2", "1"]);
}

#[test]
fn a_copy_of_other_tables_and_a_folder_of_ones_own_are_not_compared() {
    let (one, other) = (Cloud::starter(), Cloud::starter());
    let (_parent, folder) = copy(&one);
    other
        .run(&["set", "--yes", "hubs", "contoso-eus-1", "weight=9"])
        .answer(0);
    other.run(&["push", "--yes", &folder]).answer(0);
    assert_eq!(weights(&other), ["5", "1"]);
    one.run(&["push", "--yes", &folder]).answer(0);
    let own = Folder::starter();
    one.run(&["push", "--yes", own.path()]).answer(0);
    assert!(!Path::new(own.path()).join(".revision").exists());
}

#[test]
fn the_noted_revision_is_no_table() {
    let cloud = Cloud::starter();
    let (_parent, folder) = copy(&cloud);
    let noted = Path::new(&folder).join(".revision");
    let text = fs::read_to_string(&noted).unwrap();
    assert!(
        text.contains(&format!(
            "\nrevision: {}\nof: Azure Tables `http",
            cloud.revision()
        )),
        "{text}"
    );
    run(&["check", &folder]).answer(0);
    fs::write(&noted, "something else").unwrap();
    cloud.run(&["push", "--yes", &folder]).answer(0);
    cloud.edit(TableName::Hubs, EUS, "weight", "two");
    cloud.run(&["pull", "--force", &folder]).refusal(0);
    assert!(!noted.exists(), "tables with errors are not a revision");
}

/// `devices` and notes are in no revision, and are the work of others all the same.
#[test]
fn what_is_in_no_revision_is_not_undone_either() {
    let cases: [(&str, &str, &str); 3] = [
        ("devices", "pump-0042", "location=sg"),
        ("hubs", "contoso-eus-1", "note=theirs"),
        ("tenants", "tenant-a", "note=theirs"),
    ];
    for (table, row, cell) in cases {
        let cloud = Cloud::starter();
        let parent = TempDir::new().unwrap();
        let folder = parent.path().to_str().unwrap();
        cloud.run(&["pull", "--devices", folder]).answer(0);
        cloud.run(&["set", "--yes", table, row, cell]).answer(0);
        let push = ["push", "--devices", "--yes", folder];
        let message = cloud.run(&push).refusal(1);
        assert!(message.contains("which are in no revision"), "{message}");
        cloud
            .run(&["pull", "--devices", "--force", folder])
            .answer(0);
        assert_eq!(cloud.run(&push).answer(0), "no difference\n");
        for weight in ["5", "6"] {
            edit(folder, weight);
            cloud.run(&push).answer(0);
        }
    }
}

#[test]
fn devices_of_others_do_not_matter_to_a_push_without_them() {
    let cloud = Cloud::starter();
    let parent = TempDir::new().unwrap();
    let folder = parent.path().to_str().unwrap();
    cloud.run(&["pull", "--devices", folder]).answer(0);
    cloud
        .run(&["set", "--yes", "devices", "pump-0042", "location=sg"])
        .answer(0);
    edit(folder, "5");
    cloud.run(&["push", "--yes", folder]).answer(0);
    cloud
        .run(&["push", "--devices", "--yes", folder])
        .refusal(1);
}

/// A folder that an older version has pulled.
#[test]
fn a_noted_revision_of_12_digits_is_still_a_base() {
    let cloud = Cloud::starter();
    let (_parent, folder) = copy(&cloud);
    let noted = Path::new(&folder).join(".revision");
    let text = fs::read_to_string(&noted).unwrap();
    let base = cloud.revision();
    fs::write(&noted, text.replace(&base, short(&base))).unwrap();
    cloud.run(&["push", "--yes", &folder]).answer(0);
    assert!(
        fs::read_to_string(&noted)
            .unwrap()
            .contains(&cloud.revision())
    );
    fs::write(&noted, text.replace(&base, short(&base))).unwrap();
    edit(&folder, "6");
    let refused = cloud.run(&["push", "--yes", &folder]).refusal(1);
    assert!(
        refused.contains(&format!("pulled at revision {}, but", short(&base))),
        "{refused}"
    );
}
