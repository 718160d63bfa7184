//! The program that acts as `func start` on a laptop.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

use crate::harness::App;

fn program(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_functions-host"));
    command
        .arg("--script-root")
        .arg(folder.path())
        .args(["--port", "0"])
        .args(arguments);
    command
        .env("FUNCTIONS_WORKER_RUNTIME", "custom")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Lines of the program until one holds `text`.
fn until(child: &mut Child, text: &str) -> (Vec<String>, impl Iterator<Item = String> + use<>) {
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut seen = Vec::new();
    for line in lines.by_ref() {
        let found = line.contains(text);
        seen.push(line);
        if found {
            return (seen, lines);
        }
    }
    panic!("`{text}` is not printed: {seen:?}");
}

/// The program with a handler that is ready, what it has printed, and what it goes on to print.
fn started(folder: &TempDir) -> (Child, String, impl Iterator<Item = String> + use<>) {
    let mut child = program(folder, &[]).process_group(0).spawn().unwrap();
    let (seen, rest) = until(&mut child, "Worker process started and initialized.");
    (child, seen.join("\n"), rest)
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap()
}

/// Ends the program, or the program and its handler; what is printed then.
fn ends_with(signal: Signal, both: bool, said: Option<&str>) {
    let (folder, _) = App::proxying().staged();
    let (mut child, all, mut rest) = started(&folder);
    assert!(
        all.contains("\ttoy: [] http://localhost:") && all.contains("/api/toy/{*rest}"),
        "{all}"
    );
    let mut seen = Vec::new();
    if both {
        // A host kills an idle handler at once: it gets its signal, and time to say so, before.
        kill_process(only_child(&child), signal).unwrap();
        seen.extend(rest.by_ref().find(|line| line.contains("toy got")));
    }
    kill_process(pid(&child), signal).unwrap();
    seen.extend(rest);
    let rest = seen;
    let line = rest.iter().find(|line| line.contains("toy got"));
    assert_eq!(line.is_some(), said.is_some(), "{rest:?}");
    let said = said.unwrap_or_default();
    assert!(line.is_none_or(|line| line.contains(said)), "{rest:?}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn runs_until_it_is_told_to_end() {
    ends_with(Signal::INT, false, None);
    ends_with(Signal::TERM, false, None);
    ends_with(
        Signal::INT,
        true,
        Some("info: Host.Function.Console: toy got SIGINT"),
    );
}

/// The one process that one of its threads has started.
fn only_child(child: &Child) -> Pid {
    let threads = std::fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
    let children = threads.map(|thread| thread.unwrap().path().join("children"));
    let children: String = children
        .map(|list| std::fs::read_to_string(list).unwrap())
        .collect();
    Pid::from_raw(children.trim().parse().unwrap()).unwrap()
}

/// A host that is killed leaves its handler behind.
#[test]
fn killed_it_leaves_an_orphan() {
    let (folder, _) = App::proxying().staged();
    let (mut child, ..) = started(&folder);
    let handler = only_child(&child);
    kill_process(pid(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    assert!(test_kill_process(handler).is_ok(), "it lives on");
    kill_process(handler, Signal::KILL).unwrap();
}

fn output(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = program(folder, arguments).output().unwrap();
    (
        status.code(),
        String::from_utf8([stdout, stderr].concat()).unwrap(),
    )
}

#[test]
fn says_what_is_wrong() {
    let (folder, _) = App::proxying().file("keys.json", "{}").staged();
    let check = |arguments: &[&str], code: i32, expected: &str| {
        let (status, text) = output(&folder, arguments);
        assert!(
            status == Some(code) && text.contains(expected),
            "{status:?} {text}"
        );
    };
    let bad = "AzureFunctionsJobHost__functionTimeout=never";
    check(&["--setting", bad], 1, "`functionTimeout` is `never`");
    // As the real one does, although its handler has failed.
    check(
        &["--setting", "TOY_START_EXIT=9"],
        0,
        "Exceeded http worker restart retry count",
    );
    check(&["--setting", "no-value"], 2, "NAME=VALUE");
    check(
        &["--auth-keys", "not-there.json"],
        1,
        "`not-there.json` cannot be read",
    );
    check(&["--help"], 0, "Stand-in for the Azure Functions host");
}
