//! Pushes that are interrupted: what is seen of them, and how they end.

use std::process::{Child, Command, Stdio};

use azurite::Fault;
use dps_allocation::tables::TableName;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::cloud::Cloud;
use crate::program::{Folder, Run, revision, run_like, short};

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
        let push = cloud.program(&["push", "--yes", "--author", "ann", folder.path()]);
        let push = held_in_first_write(&cloud, &push);
        end(push, signal, &after, FINISH_PUSH);
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

/// Starts a command that sets the weight of [`WEU`], and holds the answer to that write.
fn held_in_first_write(cloud: &Cloud, program: &Command) -> Child {
    cloud.writes_meet(Fault::Hold);
    let mut program = interruptible(program);
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = program.spawn().unwrap();
    let first_write = |it: &Cloud| it.cell(TableName::Hubs, WEU, "weight") == "5";
    cloud.hold_writes_until("the first write", first_write);
    child
}

const FINISH_PUSH: &str = "finish it with `dps-policy push --resume FOLDER`, or go back with \
                           `dps-policy rollback --resume --previous`";

/// What is said where no folder may hold the tables that were to be written.
fn finish(revision: &str) -> String {
    let revision = short(revision);
    format!(
        "finish it with `dps-policy rollback --resume {revision}`, or go back with `dps-policy \
         rollback --resume --previous`"
    )
}

/// Ctrl-C ends a push with a word, other signals at once.
#[track_caller]
fn end(child: Child, signal: Signal, revision: &str, finish: &str) {
    kill_process(Pid::from_child(&child), signal).unwrap();
    let output = child.wait_with_output().unwrap();
    if signal == Signal::INT {
        let left = format!(
            "interrupted; only some rows of revision `{}` may be written, and no webhook installs the \
             tables: {finish}",
            short(revision)
        );
        assert_eq!(Run::from(output).refusal(2), left);
    } else {
        assert_eq!(output.status.code(), None, "it ended by itself");
    }
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

    let finish = finish(&after);
    let set = ["set", "--yes", "hubs", "contoso-weu-1", "weight=7"];
    let stop = ["rollout", "stop", "--yes", "2026-q4-spread"];
    for (arguments, finish) in [
        (&["push", "--yes", folder.path()][..], FINISH_PUSH),
        (&["rollback", "--yes", &before], &finish),
        (&set, &finish),
        (&stop, &finish),
    ] {
        let message = cloud.run(arguments).refusal(1);
        assert!(message.starts_with(&unfinished), "{message}");
        let help = format!("nothing was changed. if it is not running any more, {finish}");
        assert!(message.ends_with(&help), "{message}");
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
    let pull = ["pull", target.path().to_str().unwrap()];
    let pulled = cloud.run(&pull).refusal(1);
    assert!(pulled.starts_with(&unfinished), "{pulled}");
    assert!(pulled.contains("nothing was written"), "{pulled}");
    assert_eq!(target.path().read_dir().unwrap().count(), 0);
    let pulled = cloud.run(&[&pull[..], &["--force"]].concat());
    assert_eq!(
        pulled.refusal(0),
        "the tables have errors, which check shows"
    );

    let resumed = cloud.run(&["push", "--yes", "--resume", folder.path()]);
    assert!(
        resumed
            .stderr
            .starts_with(&format!("dps-policy: {unfinished}"))
    );
    assert!(
        resumed.stderr.ends_with("; this finishes it\n"),
        "{}",
        resumed.stderr
    );
    assert_eq!(resumed.code, Some(0));
    let resumed = resumed.stdout;
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
    let back = cloud.run(&["rollback", "--yes", "--resume", &before]);
    assert_eq!(back.code, Some(0));
    let other = format!("; this writes revision `{}` in its place\n", short(&before));
    assert!(back.stderr.ends_with(&other), "{}", back.stderr);
    let shown = back.stdout;
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
    let question = "has not finished; this finishes it\nend the unfinished push to Azure";
    assert!(screen.contains(question), "{screen}");
    assert_eq!(cloud.revision(), after);
    assert!(!cloud.has_marker());
}

#[test]
fn resume_of_nothing_is_a_push() {
    let cloud = Cloud::starter();
    let same = cloud.run(&["push", "--resume", "infra/policy"]);
    assert_eq!(same.stdout, "no difference\n");
    assert_eq!(
        same.refusal(0),
        "no push is unfinished, so that --resume finishes none"
    );
}

/// Interrupts a `set` after it has written its row; answers the revision that it was writing.
fn interrupt_set(cloud: &Cloud) -> String {
    let set = ["set", "--yes", "hubs", "contoso-weu-1", "weight=5"];
    let edited = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,5");
    let edited = revision(edited.path());
    let set = held_in_first_write(cloud, &cloud.program(&set));
    end(set, Signal::INT, &edited, &finish(&edited));
    cloud.proxy.set(Fault::None);
    edited
}

/// Whatever writes to the tables ends as a push does, and can be finished without a folder.
#[test]
fn an_edit_that_is_interrupted_is_finished_as_it_says() {
    let cloud = Cloud::starter();
    let edited = interrupt_set(&cloud);
    let resumed = cloud.run(&["rollback", "--yes", "--resume", short(&edited)]);
    assert!(resumed.refusal(0).ends_with("; this finishes it"));
    assert_eq!(cloud.revision(), edited);
    assert!(!cloud.has_marker());
    let history = cloud.run(&["history"]).answer(0);
    let reason = "says \"somebody\": set hubs contoso-weu-1 weight=5\n";
    assert!(history.contains(reason), "{history}");
}

/// Back to what the tables were, although another revision was the last one that was pushed.
#[test]
fn an_edit_that_is_interrupted_is_undone_as_it_says() {
    let cloud = Cloud::starter();
    let pushed = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,9");
    cloud.run(&["push", "--yes", pushed.path()]).answer(0);
    cloud.edit(TableName::Hubs, WEU, "weight", "2");
    interrupt_set(&cloud);
    let undone = cloud.run(&["rollback", "--yes", "--resume", "--previous"]);
    assert!(undone.refusal(0).ends_with(" in its place"));
    assert_eq!(cloud.revision(), *revision("infra/policy"));
    assert!(!cloud.has_marker());
}

#[test]
fn an_interruption_before_the_first_write_changes_nothing() {
    let cloud = Cloud::starter();
    let before = cloud.revision();
    let set = |weight| cloud.program(&["set", "--yes", "hubs", "contoso-weu-1", weight]);
    let start = cloud.proxy.requests();
    Run::from(set("weight=2").output().unwrap()).answer(0);
    let reads = cloud.proxy.requests() - start;
    let no_answer = Box::new(Fault::BlackHole);
    cloud
        .proxy
        .set(Fault::OnlyTo("POST /".to_owned(), no_answer));
    let start = cloud.proxy.requests();
    let mut set = interruptible(&set("weight=5"));
    let set = set.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let set = set.unwrap();
    cloud.wait_until("a write", |it| it.proxy.requests() > start + reads);
    kill_process(Pid::from_child(&set), Signal::INT).unwrap();
    let ended = Run::from(set.wait_with_output().unwrap());
    assert_eq!(
        ended.refusal(2),
        "interrupted; no row of the policy was changed"
    );
    assert_eq!(cloud.revision(), before);
    assert!(!cloud.has_marker());
}
