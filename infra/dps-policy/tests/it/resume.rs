//! Pushes that are interrupted: what is seen of them, and how they end.

use std::process::{Child, Command, Stdio};

use azurite::Fault;
use dps_allocation::tables::TableName;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::cloud::Cloud;
use crate::program::{Folder, revision, run_like, short};

const WEU: &str = "hub/contoso-weu-1.azure-devices.net";

/// Tables that a push has left half of one version and half of another.
struct Interrupted {
    cloud: Cloud,
    /// What was to be pushed.
    folder: Folder,
    before: String,
    after: String,
}

impl Interrupted {
    fn by(signal: Signal) -> Self {
        let cloud = Cloud::starter();
        let folder = Folder::starter()
            .edit("hubs.csv", "EU,factory,2", "EU,factory,5")
            .edit("twins.csv", "\"\"ready\"\"", "\"\"set\"\"");
        let before = cloud.revision();
        let after = revision(folder.path());
        cloud.writes_meet(Fault::Hold);
        let push = cloud.program(&["push", "--yes", "--author", "ann", folder.path()]);
        let mut push = interruptible(&push);
        let push = push.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let first_write = |it: &Cloud| it.cell(TableName::Hubs, WEU, "weight") == "5";
        cloud.hold_writes_until("the first write", first_write);
        kill(push.unwrap(), signal);
        cloud.proxy.set(Fault::None);
        Self {
            cloud,
            folder,
            before,
            after,
        }
    }
}

/// Whoever runs the tests in the background of a shell ignores SIGINT, and so would the program.
fn interruptible(program: &Command) -> Command {
    let mut env = Command::new("env");
    env.arg("--default-signal=INT").arg(program.get_program());
    env.args(program.get_args());
    run_like(program, &mut env);
    env
}

fn kill(mut child: Child, signal: Signal) {
    kill_process(Pid::from_child(&child), signal).unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "it ended by itself");
}

#[track_caller]
fn check(signal: Signal) {
    let Interrupted {
        cloud,
        folder,
        before,
        after,
    } = Interrupted::by(signal);
    let unfinished = format!(
        "a push of revision `{}` (no identity, says \"ann\"), begun at 20",
        short(&after)
    );
    let checked = cloud.run(&["check", "tables"]).answer(1);
    assert!(
        checked.starts_with(&format!("error: {unfinished}")),
        "{checked}"
    );
    let help = "has not finished; wait for it; if it was interrupted, push or roll back with \
                --resume\nrefused: 1 error\n";
    assert!(checked.ends_with(help), "{checked}");
    assert_eq!(
        cloud.run(&["history", "--json"]).json(0)["current"],
        json!(null)
    );

    for arguments in [
        ["push", "--yes", folder.path()],
        ["rollback", "--yes", &before],
    ] {
        let message = cloud.run(&arguments).refusal(1);
        assert!(message.starts_with(&unfinished), "{message}");
        assert!(message.ends_with("add --resume"), "{message}");
    }
    let refused = cloud.run(&["push", "--yes", "--json", folder.path()]);
    let document: serde_json::Value = refused.document(1);
    assert_eq!(document["written"], false);
    assert!(refused.refusal(1).starts_with(&unfinished));
    let screen = cloud.terminal(&["push", folder.path()]).end(1);
    assert!(
        !screen.contains("[y/N]"),
        "what is refused is not asked about: {screen}"
    );

    let target = tempfile::tempdir().unwrap();
    let pulled = cloud.run(&["pull", target.path().to_str().unwrap()]);
    assert_eq!(
        pulled.refusal(0),
        "the tables have errors, which check shows"
    );

    let resumed = cloud
        .run(&["push", "--yes", "--resume", folder.path()])
        .answer(0);
    assert!(resumed.starts_with("twins\n  ~ */appliance\n"), "{resumed}");
    assert_eq!(cloud.revision(), after);
    assert!(!cloud.has_marker());
}

#[test]
fn a_push_that_is_interrupted_can_go_on() {
    check(Signal::INT);
}

#[test]
fn a_push_that_is_killed_can_go_on() {
    check(Signal::KILL);
}

#[test]
fn a_push_that_is_interrupted_can_be_rolled_back() {
    let Interrupted { cloud, before, .. } = Interrupted::by(Signal::TERM);
    let back = ["rollback", "--yes", "--resume", &before];
    let shown = cloud.run(&back).answer(0);
    assert!(shown.contains("\n      weight: 5 -> 2\n"), "{shown}");
    assert_eq!(cloud.revision(), before);
    assert!(!cloud.has_marker());
}

#[test]
fn the_end_of_a_push_alone_can_be_made_up_for() {
    let Interrupted {
        cloud,
        folder,
        after,
        ..
    } = Interrupted::by(Signal::KILL);
    let desired = "{\"state\": \"set\"}";
    cloud.edit(TableName::Twins, "*/appliance", "desired", desired);
    let screen = cloud
        .terminal(&["push", "--resume", folder.path()])
        .answer("y")
        .end(0);
    assert!(
        screen.contains("no difference\nend the unfinished push to Azure"),
        "{screen}"
    );
    assert_eq!(cloud.revision(), after);
    assert!(!cloud.has_marker());
}

#[test]
fn resume_of_nothing_is_a_push() {
    let cloud = Cloud::starter();
    let same = cloud.run(&["push", "--resume", "infra/policy"]).answer(0);
    assert_eq!(same, "no difference\n");
}
