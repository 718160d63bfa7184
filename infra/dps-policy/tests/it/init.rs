//! `init`: tables that work at once, and what it says about them.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::program::{program, run};

#[test]
fn the_printed_commands_work() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("it's new");
    let folder = folder.to_str().unwrap();
    let hub = "contoso-weu-1.azure-devices.net";
    let shown = run(&["init", "--hub", hub, folder]).answer(0);
    let checked = run(&["check", folder]).answer(0);
    assert!(checked.ends_with(": hubs 1, enrollments 1, tenants 1, rules 0, rollouts 0, latency 0, twins 0, devices 0\n"), "{checked}");

    // What is printed is given to a shell, with the program of this test in the place of its name.
    let name = env!("CARGO_BIN_EXE_dps-policy");
    let (_, commands) = shown.split_once("\n\n").unwrap();
    let lines = commands
        .lines()
        .filter(|line| !line.ends_with(':') && !line.contains("cargo run"));
    let named = format!("{name} ");
    let lines = lines.map(|line| line.replacen("dps-policy ", &named, 1));
    let script = lines.collect::<Vec<_>>().join("\n") + "\n";
    let mut shell = Command::new("sh");
    shell
        .args(["-e", "-u", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    shell
        .stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let output = shell.wait_with_output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    assert!(output.contains(&format!("device-1: {hub}\n")), "{output}");
    assert!(
        output.contains("\n      weight: (empty) -> 2\n"),
        "{output}"
    );
}

#[test]
fn tables_that_are_there_stay() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_str().unwrap();
    run(&["init", path]).answer(0);
    let hubs = folder.path().join("hubs.csv");
    fs::write(&hubs, "mine").unwrap();
    let message = run(&["init", path]).refusal(1);
    assert_eq!(message, format!("`{path}` has tables; nothing was written"));
    assert_eq!(fs::read_to_string(hubs).unwrap(), "mine");
}

#[test]
fn what_cannot_be_a_table_is_not_written() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("new");
    for wrong in [["--hub", "not a hub"], ["--tenant", "a b"]] {
        let mut init = program(&["init", wrong[0], wrong[1]]);
        let output = init.arg(&folder).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(!folder.exists());
    }
}
