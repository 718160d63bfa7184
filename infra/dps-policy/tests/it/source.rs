//! Which source is read, and what is said when it cannot be.

use std::fs;

use crate::program::{Folder, Run, program, run};

#[track_caller]
fn check_message(arguments: &[&str], parts: &[&str]) {
    let message = run(arguments).message();
    for part in parts {
        assert!(message.contains(part), "{message}");
    }
}

/// The source that `check` takes with these variables.
fn source(variables: &[(&str, &str)]) -> Run {
    let mut program = program(&["check", "--json"]);
    program.envs(variables.iter().copied());
    program.output().unwrap().into()
}

#[test]
fn the_settings_name_the_source() {
    assert_eq!(source(&[]).json(0)["source"], "infra/policy");
    assert_eq!(
        source(&[("POLICY_DIR", "")]).json(0)["source"],
        "infra/policy"
    );
    let folder = Folder::starter();
    assert_eq!(
        source(&[("POLICY_DIR", folder.path())]).json(0)["source"],
        folder.path()
    );
}

#[test]
fn without_settings_there_are_no_tables() {
    let request = "tests/fixtures/allocation/group-x509.json";
    for arguments in [
        &["check", "tables"][..],
        &["check", "tables@0123456789ab"],
        &["diff", "infra/policy", "tables"],
        &["explain", request, "--policy", "tables"],
        &["pull", "nowhere"],
        &["push", "infra/policy", "--yes"],
        &["history"],
        &["rollback", "0123456789ab", "--yes"],
    ] {
        check_message(
            arguments,
            &[
                "the settings name no Azure Tables; set PolicyTables ",
                "PolicyTables__tableServiceUri",
            ],
        );
    }
}

#[test]
fn wrong_settings_are_told_without_their_values() {
    let secret = azurite::KEY;
    let connection = format!("AccountName=a;AccountKey={secret};Endpoint=b");
    let message = source(&[
        ("PolicyTables", &connection),
        ("POLICY_TABLE_PREFIX", "1st"),
    ])
    .message();
    assert!(
        message.starts_with("wrong settings: PolicyTables: "),
        "{message}"
    );
    assert!(message.contains("`1st`"), "{message}");
    let message = source(&[("PolicyTables__clientID", "x")]).message();
    assert!(
        message.starts_with("wrong settings: PolicyTables__client"),
        "{message}"
    );
}

#[test]
fn a_folder_may_be_named_tables() {
    let folder = Folder::starter();
    let inside = tempfile::tempdir().unwrap();
    fs::rename(folder.path(), inside.path().join("tables")).unwrap();
    let mut program = program(&["check", "./tables", "--json"]);
    let run: Run = program.current_dir(&inside).output().unwrap().into();
    assert_eq!(run.json(0)["source"], "./tables");
}

#[test]
fn what_cannot_be_read_is_told_with_its_cause() {
    check_message(
        &["check", "nowhere"],
        &["`nowhere` cannot be listed", "No such file"],
    );
    let cause = run(&["check", "nowhere"]).message();
    assert_eq!(cause.matches("No such file").count(), 1, "{cause}");
    check_message(
        &["check", "tests/fixtures"],
        &["`tests/fixtures` holds no config table"],
    );
    check_message(&["check", "README.md"], &["`README.md` cannot be listed"]);
}

#[test]
fn wrong_arguments_end_with_2() {
    for (arguments, part) in [
        (&["check", ""][..], "it is empty"),
        (
            &["check", "tables@latest"],
            "it is not a revision; write 7 to 64 of its hex digits",
        ),
        (&["check", "--colour"], "unexpected argument"),
        (&["explain"], "<REQUEST.json>"),
        (&["explain", "-", "--at", "tomorrow"], "tomorrow"),
        (&["chekc"], "'check'"),
        (&[], "Usage: dps-policy <COMMAND>"),
    ] {
        let run = run(arguments);
        assert_eq!((run.code, &*run.stdout), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}
