//! Help: short, and with examples that work.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::program::run;

const COMMANDS: [&str; 23] = [
    "init",
    "check",
    "explain",
    "test",
    "diff",
    "preview",
    "replay",
    "simulate",
    "doctor",
    "set",
    "pull",
    "push",
    "history",
    "rollback",
    "rollout",
    "shadow",
    "drain",
    "rebalance",
    "move",
    "prove",
    "schema",
    "completions",
    "man",
];

/// A help that fits on a terminal.
#[track_caller]
fn help(arguments: &[&str]) -> String {
    let help = run(arguments).answer(0);
    let longest = help.lines().map(str::len).max();
    assert!(
        longest.is_some_and(|it| it <= 80),
        "{longest:?} columns: {help}"
    );
    help
}

#[track_caller]
fn check_help(arguments: &[&str]) -> String {
    let help = help(arguments);
    assert!(help.contains("\nExamples:\n  "), "{help}");
    assert!(help.contains("\nExit codes: 0 "), "{help}");
    help
}

/// The commands that a help lists.
fn listed(help: &str) -> impl Iterator<Item = &str> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    let begins = lines.filter(|line| !line.starts_with("   "));
    let names = begins.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help")
}

#[test]
fn every_command_has_examples_and_exit_codes() {
    let all = check_help(&["--help"]);
    let commands: BTreeSet<_> = listed(&all).collect();
    assert_eq!(commands, BTreeSet::from(COMMANDS));
    for command in COMMANDS {
        let long = check_help(&[command, "--help"]);
        assert_eq!(check_help(&[command, "-h"]), long);
        assert!(
            long.contains(&format!("\n  dps-policy {command} ")),
            "{long}"
        );
        for name in listed(&long) {
            let arguments = [command, name, "--help"];
            // The examples of claims stand together.
            if command == "prove" {
                help(&arguments);
                continue;
            }
            let long = check_help(&arguments);
            let example = format!("\n  dps-policy {command} {name}");
            assert!(long.contains(&example), "{long}");
        }
    }
}

/// `--author` comes from the environment; clap then lists it among what is required.
#[test]
fn a_wrong_call_names_what_is_missing_only() {
    let cases = [
        (
            vec!["explain"],
            "explain [OPTIONS] <REQUEST.json|--log <LINE>>",
        ),
        (vec!["push"], "push [OPTIONS] <FOLDER>"),
        (vec!["rollback"], "rollback [OPTIONS] <REVISION|--previous>"),
        (
            vec!["set", "hubs"],
            "set [OPTIONS] <TABLE> <ROW> <COLUMN=VALUE>...",
        ),
    ];
    for (arguments, usage) in cases {
        let message = run(&arguments).stderr;
        let usage = format!("\nUsage: dps-policy {usage}\n");
        assert!(message.contains(&usage), "{message}");
    }
}

#[test]
fn it_says_its_version() {
    let expected = concat!("dps-policy ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(run(&["--version"]).answer(0), expected);
}

#[test]
fn each_shell_completes_each_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell]).answer(0);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let bash = run(&["completions", "bash"]).answer(0);
    let asks = "COMP_WORDS=(dps-policy pu); COMP_CWORD=1; _dps__policy dps-policy pu dps-policy; \
                echo \"${COMPREPLY[@]}\"";
    let completed = Command::new("bash")
        .args(["-c", &format!("{bash}\n{asks}")])
        .output();
    let completed = String::from_utf8(completed.unwrap().stdout).unwrap();
    assert_eq!(completed, "pull push\n");
}

#[test]
fn each_command_has_a_man_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    assert_eq!(run(&["man", pages.to_str().unwrap()]).answer(0), "");
    for command in COMMANDS {
        let page = fs::read_to_string(pages.join(format!("dps-policy-{command}.1"))).unwrap();
        assert!(
            page.contains(".SH OPTIONS") && page.contains("Examples:"),
            "{page}"
        );
    }
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let message = run(&["man", file.to_str().unwrap()]).message();
    assert!(message.contains("cannot be written"), "{message}");
}
