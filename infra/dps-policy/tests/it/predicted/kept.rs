//! A prediction is kept with the revision that was pushed, and shown.

use std::fs;
use std::process::Stdio;

use azurite::Fault;
use dps_allocation::tables::TableName;
use serde_json::{Value, json};

use super::{Planned, WEU};
use crate::cloud::Cloud;
use crate::program::{revision, short};

#[test]
fn the_history_shows_what_was_predicted_of_each_push() {
    let cloud = Cloud::starter();
    let planned = Planned::by(|words| cloud.run(words), "tables");
    let draft = revision(planned.draft.path());
    planned.push(&cloud, &["--reason", "close it"]).answer(0);
    let shown = cloud.run(&["history"]).answer(0);
    let lines: Vec<&str> = shown.lines().collect();
    let predicted = "predicted: moved 10 of 10, refused 0, newly accepted 0, undecidable 0, across \
                     residency 0; fleet fleet.list";
    assert_eq!(lines[2].trim(), predicted);
    assert!(lines[0].starts_with(&format!("* {}", short(&draft))));
    // The push before it had no plan.
    assert_eq!(shown.matches("predicted:").count(), 1, "{shown}");
    let document = cloud.run(&["history", "--json"]).json(0);
    let [new, old] = &document["revisions"].as_array().unwrap()[..] else {
        panic!("{document}")
    };
    assert_eq!(new["predicted"]["summary"]["moved"], 10);
    assert_eq!(new["predicted"]["fleet"], "fleet.list");
    assert_eq!(old.get("predicted"), None);

    let plan: Value = serde_json::from_slice(&fs::read(&planned.plan).unwrap()).unwrap();
    let one = cloud.run(&["history", "--json", short(&draft)]).json(0);
    assert_eq!(one, json!({ "predicted": plan }));
    let one = cloud.run(&["history", short(&draft)]).answer(0);
    assert!(one.starts_with("moved 10 of 10, "), "{one}");
    assert!(one.contains("assumed by --without payload\n"), "{one}");
    assert!(
        one.contains("\ncontoso-weu-1  contoso-eus-1  tenant-a  "),
        "{one}"
    );

    // After a rollback and a push without a plan, the plan is still that of its own push.
    cloud.run(&["rollback", "--yes", "--previous"]).answer(0);
    cloud
        .run(&["push", "--yes", planned.draft.path()])
        .answer(0);
    let shown = cloud.run(&["history"]).answer(0);
    assert_eq!(shown.matches("predicted:").count(), 1, "{shown}");
    assert_eq!(shown.lines().nth(6).unwrap().trim(), predicted, "{shown}");
}

#[test]
fn a_revision_without_a_prediction_says_so() {
    let cloud = Cloud::starter();
    let now = cloud.revision();
    let message = cloud.run(&["history", short(&now)]).message();
    assert!(message.contains("was not pushed with a plan"), "{message}");
    let message = cloud.run(&["history", "--log", "README.md"]).message();
    assert!(
        message.starts_with("no stored revision was pushed with a plan"),
        "{message}"
    );
    let message = cloud.run(&["history", "0123456"]).message();
    assert!(message.contains("`0123456` is not stored"), "{message}");
    let wrong = cloud.run(&["history", "latest"]);
    assert!(
        wrong.stderr.contains("is not a revision"),
        "{}",
        wrong.stderr
    );
}

/// A revision that was pushed with a plan by a version that keeps something else.
#[test]
fn what_cannot_be_read_is_said() {
    let cloud = Cloud::starter();
    let now = cloud.revision();
    let key = "0".repeat(64);
    let cells = [("revision", &*now), ("author", "x"), ("report", &*key)];
    cloud.insert_into_revisions("pushed/x", &cells);
    let shown = cloud.run(&["history"]).answer(0);
    assert!(
        shown.contains("predicted: cannot be read: what was predicted"),
        "{shown}"
    );
    let message = cloud.run(&["history", short(&now)]).message();
    assert!(
        message.contains("is not stored as it was written"),
        "{message}"
    );
}

/// The plan is in the store before the marker, so whoever goes on keeps it.
#[test]
fn a_push_that_was_interrupted_keeps_its_prediction() {
    let cloud = Cloud::starter();
    let planned = Planned::by(|words| cloud.run(words), "tables");
    cloud.writes_meet(Fault::Hold);
    let arguments = [
        "push",
        "--yes",
        "--plan",
        &planned.plan,
        "--reason",
        "close it",
    ];
    let mut push = cloud.program(&[&arguments[..], &[planned.draft.path()]].concat());
    let mut push = push
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let closed = |it: &Cloud| it.cell(TableName::Hubs, &format!("hub/{WEU}"), "state") == "closed";
    cloud.hold_writes_until("the first write", closed);
    push.kill().unwrap();
    push.wait().unwrap();
    cloud.proxy.set(Fault::None);
    let resumed = cloud.run(&["push", "--yes", "--resume", planned.draft.path()]);
    assert!(resumed.refusal(0).ends_with("; this finishes it"));
    let shown = cloud.run(&["history"]).answer(0);
    assert!(shown.contains(": close it\n"), "{shown}");
    assert!(shown.contains("predicted: moved 10 of 10, "), "{shown}");
}
