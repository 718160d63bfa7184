//! stdout and stderr: pipes, colours, full disks.

use std::fs::File;
use std::io;
use std::process::{Command, Output};

use crate::program::{Run, program};

/// Every way to print an answer.
const ANSWERS: [&[&str]; 12] = [
    &["check"],
    &["check", "--json"],
    &["explain", "tests/fixtures/allocation/group-x509.json"],
    &[
        "explain",
        "tests/fixtures/allocation/group-x509.json",
        "--json",
    ],
    &["diff", "infra/policy", "infra/policy"],
    &["diff", "infra/policy", "infra/policy", "--json"],
    &["test", "infra/policy"],
    &[
        "preview",
        "infra/policy",
        "infra/policy",
        "--synthetic",
        "9",
    ],
    &[
        "preview",
        "infra/policy",
        "infra/policy",
        "--synthetic",
        "9",
        "--json",
    ],
    &["simulate", "infra/policy", "--synthetic", "9"],
    &[
        "prove",
        "no-new-devices",
        "IoTPnPWS-Hub-20210726",
        "infra/policy",
    ],
    &["rollout", "list", "--policy", "infra/policy"],
];

fn run(mut program: Command) -> Run {
    Run::from(program.output().unwrap())
}

#[test]
fn a_closed_pipe_ends_quietly() {
    for arguments in ANSWERS {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut program = program(arguments);
        let Output { status, stderr, .. } = program
            .stdout(writer)
            .spawn()
            .and_then(std::process::Child::wait_with_output)
            .unwrap();
        assert_eq!(
            (status.code(), &*stderr),
            (Some(0), &b""[..]),
            "{arguments:?}"
        );
    }
}

#[test]
fn an_answer_that_could_not_be_written_is_none() {
    for arguments in ANSWERS {
        let mut program = program(arguments);
        program.stdout(File::create("/dev/full").unwrap());
        program.stderr(std::process::Stdio::piped());
        let output = program.spawn().unwrap().wait_with_output().unwrap();
        let message = Run::from(output).message();
        assert!(
            message.starts_with("stdout cannot be written: No space"),
            "{message}"
        );
    }
}

#[test]
fn colours_are_for_terminals() {
    for arguments in ANSWERS {
        let piped = run(program(arguments)).answer(0);
        assert!(!piped.contains('\u{1b}'), "{piped}");
    }
}

#[test]
fn no_color_is_heard() {
    let forced = || {
        let mut program = program(ANSWERS[2]);
        program.env("CLICOLOR_FORCE", "1").env_remove("TERM");
        program
    };
    let coloured = run(forced()).answer(0);
    assert!(coloured.contains('\u{1b}'), "{coloured}");
    let mut plain = forced();
    plain.env("NO_COLOR", "1");
    let plain = run(plain).answer(0);
    assert!(!plain.contains('\u{1b}'), "{plain}");
}
