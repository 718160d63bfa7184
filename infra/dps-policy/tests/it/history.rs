//! `history`: which revisions are stored, in which order, by whom and why.

use dps_allocation::tables::TableName;
use serde_json::json;

use crate::cloud::Cloud;
use crate::program::{Folder, revision, short};

const WEU: &str = "hub/contoso-weu-1.azure-devices.net";

/// Pushes the starter tables and another version; returns both revisions.
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
fn the_newest_is_listed_first_with_what_it_changed() {
    let cloud = Cloud::without_rows();
    let [first, second] = two_revisions(&cloud);
    let shown = cloud.run(&["history"]).answer(0);
    let lines: Vec<&str> = shown.lines().collect();
    let [one, changed, two, added, ..] = &lines[..] else {
        panic!("{shown}")
    };
    assert!(
        one.starts_with(&format!("* {}  20", short(&second))),
        "{shown}"
    );
    let why = "Z  no identity, says \"somebody\": more\\u{1b}[31m for weu";
    assert!(one.ends_with(why), "{shown}");
    assert_eq!(changed.trim(), "hubs contoso-weu-1: weight 2 -> 5");
    assert!(
        two.starts_with(&format!("  {}  20", short(&first))),
        "{shown}"
    );
    assert!(
        two.ends_with("Z  no identity, says \"ann\": to begin with"),
        "{shown}"
    );
    assert_eq!(
        added.trim(),
        "33 rows: added hubs 8, enrollments 5, tenants 2, rules 3, rollouts 1, latency 9, twins 5"
    );

    let again = ["push", "--yes", "--author", "eve", "infra/policy"];
    cloud.run(&again).answer(0);
    let shown = cloud.run(&["history"]).answer(0);
    let lines: Vec<&str> = shown.lines().collect();
    assert!(
        lines[0].starts_with(&format!("* {}  20", short(&first))),
        "{shown}"
    );
    assert!(
        lines[0].ends_with("Z  no identity, says \"eve\""),
        "{shown}"
    );
    assert_eq!(lines[1].trim(), "hubs contoso-weu-1: weight 5 -> 2");
    assert_eq!(shown.matches('*').count(), 1, "{shown}");
    let short = cloud.run(&["history", "-n", "1"]).answer(0);
    assert!(short.ends_with("older, see --limit)\n"), "{short}");
}

#[test]
fn no_line_breaks_inside_a_word_or_a_time() {
    let cloud = Cloud::without_rows();
    two_revisions(&cloud);
    let long = "a reason of several words that goes on and on, longer than any terminal is wide";
    cloud
        .run(&["push", "--yes", "--reason", long, "infra/policy"])
        .answer(0);
    let shown = cloud.terminal_80(&["history"]).end(0);
    for word in long.split(' ') {
        assert!(shown.contains(word), "{shown}");
    }
    assert!(shown.lines().all(|line| line.len() <= 80), "{shown}");
    let times = shown.matches("  20").count();
    assert!(
        times >= 3 && times == shown.matches("Z  ").count(),
        "{shown}"
    );
}

#[test]
fn json_holds_the_same() {
    let cloud = Cloud::without_rows();
    let [first, second] = two_revisions(&cloud);
    let document = cloud.run(&["history", "--json"]).json(0);
    assert_eq!(document["current"], second);
    assert_eq!(document["previous"], first);
    let source = document["source"].as_str().unwrap();
    assert!(source.starts_with("Azure Tables `http"));
    let kept = document["revisions"].as_array().unwrap();
    assert_eq!(kept[0]["revision"], second);
    assert_eq!(kept[0]["changed"], "hubs contoso-weu-1: weight 2 -> 5");
    assert_eq!(kept[1]["revision"], first);
    assert!(kept[0]["firstSeen"].as_str().unwrap() >= kept[1]["firstSeen"].as_str().unwrap());
    let push = &kept[1]["pushes"][0];
    assert_eq!(
        (&push["identity"], &push["author"]),
        (&json!(null), &json!("ann"))
    );
    assert_eq!(push["reason"], "to begin with");
    assert!(push["at"].is_string());
}

/// Cells and the claims of a token may hold any text.
#[test]
fn the_name_of_who_pushed_is_escaped() {
    let cloud = Cloud::starter();
    let odd = "a\u{1b}[31m\nb\u{202e}c\u{200b}";
    let (revision, author) = (cloud.revision(), format!("\"{odd}"));
    let cells = [
        ("revision", &*revision),
        ("identity", odd),
        ("author", &*author),
    ];
    cloud.insert_into_revisions("pushed/x", &cells);
    let shown = cloud.run(&["history"]).answer(0);
    let escaped = r"a\u{1b}[31m\nb\u{202e}c\u{200b}";
    let expected = format!("Z  {escaped}, says \"\\\"{escaped}\"");
    assert_eq!(
        shown
            .lines()
            .filter(|line| line.ends_with(&expected))
            .count(),
        1,
        "{shown}"
    );
    let run = cloud.run(&["history", "--json"]);
    assert!(
        !run.stdout.contains(['\u{1b}', '\u{202e}', '\u{200b}']),
        "{}",
        run.stdout
    );
    let document = run.json(0);
    let pushes = document["revisions"][0]["pushes"].as_array().unwrap();
    let mut identities = pushes.iter().map(|push| &push["identity"]);
    assert!(identities.any(|identity| identity == odd), "{document}");
}

/// A push that another one overtook wrote nothing: its revision was never in use.
#[test]
fn what_was_rejected_is_not_listed() {
    let cloud = Cloud::starter();
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,5");
    let mut terminal = cloud.terminal(&["push", folder.path()]);
    terminal.until("[y/N] ");
    cloud.edit(TableName::Hubs, WEU, "weight", "7");
    terminal.answer("y").end(1);
    let rejected = revision(folder.path());
    let shown = cloud.run(&["history"]).answer(0);
    assert!(!shown.contains(short(&rejected)), "{shown}");
    cloud.run(&["push", "--yes", folder.path()]).answer(0);
    let shown = cloud.run(&["history"]).answer(0);
    assert!(
        shown.starts_with(&format!("* {}  ", short(&rejected))),
        "{shown}"
    );
    // The edit by hand was kept by the push, since it was in use before.
    assert!(shown.contains("Z  edited in the tables\n"), "{shown}");
    assert!(shown.contains("weight 7 -> 5"), "{shown}");
}

#[test]
fn tables_with_errors_are_no_revision() {
    let cloud = Cloud::starter();
    let hub = "hub/contoso-weu-1.azure-devices.net";
    cloud.edit(TableName::Hubs, hub, "weight", "two");
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
    assert_eq!(shown, "no revision is stored yet\n");
    let missing = Cloud::empty().run(&["history"]).message();
    assert!(missing.contains(" has no table "), "{missing}");
    assert!(
        missing.contains("create the tables with `dps-policy push`"),
        "{missing}"
    );
}

/// Two policies whose revisions have the same first 12 digits.
#[test]
fn two_revisions_with_the_same_first_digits_are_told_apart() {
    let cloud = Cloud::without_rows();
    let folders = ["0000024c427e", "000001c7222b"].map(|salt| {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            (
                "hubs",
                "PartitionKey,RowKey\nhub,a.azure-devices.net\n".to_owned(),
            ),
            (
                "enrollments",
                "PartitionKey,RowKey,tenants\nenrollment,group,acme\n".to_owned(),
            ),
            (
                "tenants",
                format!("PartitionKey,RowKey,salt\ntenant,acme,{salt}\n"),
            ),
        ];
        for (table, text) in files {
            std::fs::write(folder.path().join(format!("{table}.csv")), text).unwrap();
        }
        folder
    });
    let [one, other] = folders
        .each_ref()
        .map(|it| revision(it.path().to_str().unwrap()));
    assert_eq!(short(&one), short(&other));
    let push = [
        "push",
        "--yes",
        "--reason",
        "reviewed",
        folders[0].path().to_str().unwrap(),
    ];
    cloud.run(&push).answer(0);
    // Edited into the other: what the tables hold is not what was reviewed.
    cloud.edit(TableName::Tenants, "tenant/acme", "salt", "000001c7222b");
    let document = cloud.run(&["history", "--json"]).json(0);
    assert_eq!(document["current"], other);
    assert_eq!(document["previous"], one);
    assert_eq!(document["revisions"].as_array().unwrap().len(), 1);
    let shown = cloud.run(&["history"]).answer(0);
    assert!(
        shown.starts_with(&format!("  {}  20", short(&one))),
        "{shown}"
    );
    cloud.run(&["rollback", "--yes", short(&one)]).answer(0);
    assert_eq!(cloud.revision(), one);
    // The rollback has kept what it replaced, so that 12 digits are no longer enough.
    let wanted = format!("tables@{}", short(&one));
    let message = cloud.run(&["diff", &wanted, "tables"]).message();
    assert!(
        message.contains("stands for several stored revisions"),
        "{message}"
    );
    assert!(
        message.contains(&one) && message.contains(&other),
        "{message}"
    );
    let wanted = format!("tables@{}", &other[..16]);
    cloud.run(&["diff", &wanted, "tables"]).answer(1);
    let shown = cloud.run(&["history"]).answer(0);
    assert!(
        shown.starts_with(&format!("* {}  20", &one[..13])),
        "{shown}"
    );
    assert!(
        shown.contains(&format!("\n  {}  20", &other[..13])),
        "{shown}"
    );
}
