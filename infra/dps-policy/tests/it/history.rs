//! `history`: which revisions are kept, in which order, by whom and why.

use serde_json::json;

use crate::cloud::Cloud;
use crate::program::Folder;

/// Pushes the starter tables and another version; answers both revisions.
fn two_revisions(cloud: &Cloud) -> [String; 2] {
    let first = [
        "push",
        "--yes",
        "--author",
        "ann",
        "--reason",
        "to begin with",
        "infra/policy",
    ];
    cloud.run(&first).answer(0);
    let before = cloud.revision();
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,5");
    let second = [
        "push",
        "--yes",
        "--reason",
        "more\u{1b}[31m for weu",
        folder.path(),
    ];
    cloud.run(&second).answer(0);
    [before, cloud.revision()]
}

#[test]
fn revisions_are_listed_with_their_pushes() {
    let cloud = Cloud::without_rows();
    let [first, second] = two_revisions(&cloud);
    let shown = cloud.run(&["history"]).answer(0);
    let lines: Vec<&str> = shown.lines().collect();
    let [_, empty @ .., one, two] = &lines[..] else {
        panic!("{shown}")
    };
    assert!(lines[0].starts_with("revision "), "{shown}");
    assert!(empty.len() <= 1, "{shown}");
    assert!(one.starts_with(&format!("{first}   ")), "{shown}");
    assert!(one.ends_with("  ann       to begin with"), "{shown}");
    assert!(two.starts_with(&format!("{second} *  ")), "{shown}");
    assert!(
        two.ends_with("  somebody  more\\u{1b}[31m for weu"),
        "{shown}"
    );

    let again = [
        "push",
        "--yes",
        "--author",
        "eve",
        "--reason",
        "back",
        "infra/policy",
    ];
    cloud.run(&again).answer(0);
    let shown = cloud.run(&["history"]).answer(0);
    assert!(shown.contains(&format!("\n{first} *  ")), "{shown}");
    assert!(shown.contains(&format!("\n{second}   ")), "{shown}");
    let pushes: Vec<&str> = shown.lines().filter(|it| it.contains("  eve ")).collect();
    assert!(pushes.len() == 1 && pushes[0].starts_with("   "), "{shown}");
}

#[test]
fn json_holds_the_same() {
    let cloud = Cloud::without_rows();
    let [first, second] = two_revisions(&cloud);
    let document = cloud.run(&["history", "--json"]).json(0);
    assert_eq!(document["current"], second);
    assert!(
        document["source"]
            .as_str()
            .unwrap()
            .starts_with("Azure Tables `http")
    );
    let revisions = document["revisions"].as_array().unwrap();
    let kept = &revisions[revisions.len() - 2..];
    assert_eq!(kept[0]["revision"], first);
    assert_eq!(kept[1]["revision"], second);
    assert!(kept[0]["firstSeen"].as_str().unwrap() <= kept[1]["firstSeen"].as_str().unwrap());
    let push = &kept[0]["pushes"][0];
    assert_eq!(push["author"], "ann");
    assert_eq!(push["reason"], "to begin with");
    assert!(push["at"].is_string());
}

#[test]
fn tables_with_errors_are_no_revision() {
    let cloud = Cloud::starter();
    let hub = "hub/contoso-weu-1.azure-devices.net";
    cloud.edit(
        dps_allocation::tables::TableName::Hubs,
        hub,
        "weight",
        "two",
    );
    let shown = cloud.run(&["history"]).answer(0);
    assert!(!shown.contains('*'), "{shown}");
    assert_eq!(
        cloud.run(&["history", "--json"]).json(0)["current"],
        json!(null)
    );
}

#[test]
fn without_revisions_it_says_so() {
    let shown = Cloud::without_rows().run(&["history"]).answer(0);
    assert_eq!(shown, "no revision is kept yet\n");
    let missing = Cloud::empty().run(&["history"]).message();
    assert!(missing.contains(" has no table "), "{missing}");
    assert!(
        missing.contains("create the tables with `dps-policy push`"),
        "{missing}"
    );
}
