//! The program that acts as `func start` on a laptop.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
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

fn ends_with(signal: Signal, said: &str) {
    let (folder, _) = App::proxying().staged();
    let mut child = program(&folder, &[]).spawn().unwrap();
    let (seen, rest) = until(&mut child, "Worker process started and initialized.");
    let all = seen.join("\n");
    assert!(
        all.contains("\ttoy: [] http://localhost:") && all.contains("/api/toy/{*rest}"),
        "{all}"
    );
    kill_process(
        Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(),
        signal,
    )
    .unwrap();
    let rest: Vec<_> = rest.collect();
    assert!(rest.iter().any(|line| line.contains(said)), "{rest:?}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn runs_until_it_is_told_to_end() {
    ends_with(Signal::INT, "info: Host.Function.Console: toy got SIGINT");
    ends_with(Signal::TERM, "info: Host.Function.Console: toy got SIGTERM");
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
    check(
        &["--setting", "TOY_START_EXIT=9"],
        1,
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
