//! A push while others write: nobody's edit is lost.

use std::process::{Child, Stdio};

use azurite::Fault;
use dps_allocation::tables::TableName;

use crate::cloud::Cloud;
use crate::program::{Folder, Run, revision, short};

const WEU: &str = "hub/contoso-weu-1.azure-devices.net";
const APPLIANCE: &str = "*/appliance";

/// One row of each of two tables.
fn edited() -> Folder {
    Folder::starter()
        .edit("hubs.csv", "EU,factory,2", "EU,factory,5")
        .edit("twins.csv", "\"\"ready\"\"", "\"\"set\"\"")
}

/// A push by `ann` that waits for the answer to its first write.
fn held_push(cloud: &Cloud, folder: &Folder) -> Child {
    cloud.writes_meet(Fault::Hold);
    let mut push = cloud.program(&["push", "--yes", "--author", "ann", folder.path()]);
    push.stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn an_edit_during_the_question_is_kept() {
    let (cloud, folder) = (Cloud::starter(), edited());
    let mut terminal = cloud.terminal(&["push", folder.path()]);
    terminal.until("[y/N] ");
    cloud.edit(TableName::Hubs, WEU, "weight", "7");
    let screen = terminal.answer("y").end(1);
    assert!(
        screen.contains("dps-policy: somebody has edited the row "),
        "{screen}"
    );
    assert!(screen.contains(&format!("`{WEU}`")), "{screen}");
    assert!(screen.contains("nothing was changed"), "{screen}");
    assert_eq!(cloud.cell(TableName::Hubs, WEU, "weight"), "7");
    assert!(
        cloud
            .cell(TableName::Twins, APPLIANCE, "desired")
            .contains("ready")
    );
    assert!(!cloud.has_marker());
}

#[test]
fn an_edit_during_the_writes_is_kept_and_the_rest_undone() {
    let (cloud, folder) = (Cloud::starter(), edited());
    let push = held_push(&cloud, &folder);
    cloud.hold_writes_until("the first write", |it| {
        it.cell(TableName::Hubs, WEU, "weight") == "5"
    });
    cloud.edit(TableName::Twins, APPLIANCE, "note", "mine");
    cloud.proxy.set(Fault::None);
    let message = Run::from(push.wait_with_output().unwrap()).refusal(1);
    assert!(message.starts_with("somebody has edited the "), "{message}");
    assert!(message.contains(&format!("`{APPLIANCE}`")), "{message}");
    assert_eq!(cloud.cell(TableName::Twins, APPLIANCE, "note"), "mine");
    assert_eq!(cloud.cell(TableName::Hubs, WEU, "weight"), "2");
    assert!(!cloud.has_marker());
}

#[test]
fn of_two_pushes_at_once_one_is_made() {
    let (cloud, ours) = (Cloud::starter(), edited());
    let theirs = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,9");
    let first = held_push(&cloud, &ours);
    cloud.hold_writes_until("a push", Cloud::has_marker);
    let second = cloud
        .beside()
        .run(&["push", "--yes", theirs.path()])
        .refusal(1);
    let begin = format!(
        "a push of revision `{}` (no identity, says \"ann\"), begun at 20",
        short(&revision(ours.path()))
    );
    assert!(second.starts_with(&begin), "{second}");
    assert!(
        second.contains(" has not finished; nothing was changed"),
        "{second}"
    );
    cloud.proxy.set(Fault::None);
    let first = Run::from(first.wait_with_output().unwrap());
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert_eq!(cloud.revision(), revision(ours.path()));
}
