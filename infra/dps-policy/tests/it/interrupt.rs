//! Long runs: what a terminal shows meanwhile, and what Ctrl-C leaves.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::program::{Folder, Run, program};
use crate::terminal::Terminal;

/// More than a run decides before a test interrupts it.
const ENDLESS: &str = "10000000";

/// Starts a command that would take minutes, waits for its progress, and presses Ctrl-C.
#[track_caller]
fn check_terminal(words: &[&str], first: &str) {
    let mut terminal = Terminal::start(&program(words));
    let shown = terminal.until(" s left");
    let is_shown = shown.split("\u{1b}[K").any(is_progress);
    assert!(is_shown, "{shown:?}");
    terminal.interrupt();
    let shown = terminal.end(2);
    let (_, answer) = shown.rsplit_once("\u{1b}[K").unwrap();
    assert!(answer.contains(first), "{answer}");
    assert!(
        answer.contains("interrupted; this is what was found so far"),
        "{answer}"
    );
}

/// `7000 done, 28000 a second, 1%, 99 s left`
fn is_progress(line: &str) -> bool {
    let is_number = |word: &str| word.parse::<u64>().is_ok();
    let words: Vec<&str> = line.trim_end_matches('\r').split(' ').collect();
    matches!(
        *words,
        [count, "done,", rate, "a", "second,", percent, seconds, "s", "left"]
            if [count, rate, percent.trim_end_matches("%,"), seconds].into_iter().all(is_number)
    )
}

#[test]
fn a_terminal_shows_how_far_a_run_is_and_what_it_found_when_interrupted() {
    check_terminal(
        &[
            "preview",
            "infra/policy",
            "infra/policy",
            "--synthetic",
            ENDLESS,
        ],
        "moved 0 of ",
    );
    check_terminal(
        &[
            "simulate",
            "infra/policy",
            "--synthetic",
            ENDLESS,
            "--from",
            "2026-12-01",
            "--register-every",
            "30d",
        ],
        " devices, moved ",
    );
}

/// Feeds a command lines until it ends, and sends it SIGINT once it has read some of them.
fn interrupted(mut program: Command, head: &str, line: fn(u64) -> String) -> Run {
    program.stdin(Stdio::piped());
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answer = child.stdout.take().unwrap();
    stdin.write_all(head.as_bytes()).unwrap();
    let pid = Pid::from_child(&child);
    let feeder = thread::spawn(move || {
        for number in 0.. {
            let lines: String = (number * 1000..(number + 1) * 1000).map(line).collect();
            // The program ends when it has shown what it found.
            if stdin.write_all(lines.as_bytes()).is_err() {
                return;
            }
            // More than a pipe holds: the program is reading by now.
            if number == 20 {
                kill_process(pid, Signal::INT).unwrap();
            }
        }
    });
    let mut stdout = Vec::new();
    answer.read_to_end(&mut stdout).unwrap();
    feeder.join().unwrap();
    let mut output = child.wait_with_output().unwrap();
    output.stdout = stdout;
    output.into()
}

#[test]
fn an_interrupted_preview_says_what_it_found() {
    let words = ["preview", "infra/policy", "infra/policy", "--fleet", "-"];
    let group = ["--enrollment", "SAS-IoT-Devices", "--without", "payload"];
    let program = program(&[&words[..], &group].concat());
    let ran = interrupted(program, "registrationId\n", |number| {
        format!("device-with-a-long-name-{number}\n")
    });
    assert!(ran.stdout.starts_with("moved 0 of "), "{}", ran.stdout);
    assert!(!ran.stdout.starts_with("moved 0 of 0 "), "{}", ran.stdout);
    assert!(ran.refusal(2).contains("interrupted; this is what was"));
}

#[test]
fn an_interrupted_replay_says_what_it_found() {
    let folder = Folder::starter();
    let program = program(&["replay", "--policy", folder.path(), "-"]);
    let ran = interrupted(program, "", |number| {
        format!(
            "{{\"log\":\"decision\",\"version\":2,\"time\":\"2026-11-01T10:00:00Z\",\
             \"registrationId\":\"d-{number}\",\"enrollment\":{{\"kind\":\"group\",\"id\":\"nobody\",\
             \"iotEdge\":false,\"resetsData\":false}},\"attestation\":\"tpm\",\"linkedHubs\":[],\
             \"outcome\":\"refused\",\"reason\":\"unknownEnrollment\"}}\n"
        )
    });
    assert!(!ran.stdout.starts_with("0 of 0 "), "{}", ran.stdout);
    assert!(
        ran.stdout.contains(" decisions are the same"),
        "{}",
        ran.stdout
    );
    assert!(ran.refusal(2).contains("interrupted; this is what was"));
}

/// Part of a log tells another pace: no simulation follows.
#[test]
fn a_simulation_whose_log_is_interrupted_does_not_begin() {
    let words = ["simulate", "infra/policy", "--synthetic", "60"];
    let program = program(&[&words[..], &["--register-log", "-"]].concat());
    let ran = interrupted(program, "", |number| {
        let (day, id) = (1 + number / 1000 % 28, number % 1000);
        format!(
            "{{\"log\":\"decision\",\"version\":2,\"time\":\"2026-11-{day:02}T10:00:00Z\",\
             \"registrationId\":\"d-{id}\",\"enrollment\":{{\"kind\":\"group\",\"id\":\"all\",\
             \"iotEdge\":false,\"resetsData\":false}},\"attestation\":\"tpm\",\"linkedHubs\":[],\
             \"hub\":\"a.azure-devices.net\",\"outcome\":\"assigned\",\"reason\":\"weighted\"}}\n"
        )
    });
    assert!(ran.message().contains("interrupted; nothing was simulated"));
}

/// The fleet of a plan is hashed before it is decided.
#[test]
fn a_preview_that_is_interrupted_before_it_decides_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let [fleet, plan] = ["fleet.csv", "plan.json"].map(|it| folder.path().join(it));
    // A terabyte of holes.
    File::create(&fleet).unwrap().set_len(1 << 40).unwrap();
    let words = ["preview", "infra/policy", "infra/policy", "--fleet"];
    let files = [fleet.to_str().unwrap(), "--out", plan.to_str().unwrap()];
    let mut program = program(&[&words[..], &files].concat());
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = program.spawn().unwrap();
    let is_open = || {
        let open = fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
        open.flatten()
            .any(|it| fs::read_link(it.path()).is_ok_and(|file| file == fleet))
    };
    let end = Instant::now() + Duration::from_mins(1);
    while !is_open() {
        assert!(Instant::now() < end, "it opens no fleet");
        thread::sleep(Duration::from_millis(10));
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let ended = Run::from(child.wait_with_output().unwrap());
    assert_eq!(ended.message(), "interrupted; no plan was written");
    assert!(!plan.exists());
}
