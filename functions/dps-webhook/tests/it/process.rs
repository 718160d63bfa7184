//! The program as a process: start, requests over a socket, signals, exit codes, logs.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::running::{PATIENCE, Process, allocate_in_two, program};
use crate::webhook::{TABLES, good_request, request};

#[track_caller]
fn assert_assigned(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(
        answer.ends_with(r#"{"iotHubHostName":"Weu.azure-devices.net"}"#),
        "{answer}"
    );
    assert!(answer.contains("\r\ndps-reason: weighted\r\n"), "{answer}");
}

#[test]
fn it_answers_until_sigterm_and_exits_with_0() {
    for signal in ["TERM", "INT"] {
        let process = Process::start(&[]);
        let probe = process.get("/");
        assert!(
            probe.starts_with("HTTP/1.1 200 OK\r\n") && probe.ends_with("\r\n\r\n"),
            "{probe}"
        );
        assert_assigned(&process.allocate(&good_request().to_string()));
        let idle = process.connect();
        process.signal(signal);
        let (code, log, stderr) = process.end();
        assert_eq!((code, &*stderr), (Some(0), ""), "{log}");
        drop(idle);
    }
}

#[test]
fn both_ways_in_which_the_host_forwards_are_understood() {
    let process = Process::start(&[]);
    let body = good_request().to_string();
    let (first, second) = body.split_at(100);
    let chunks = [first, second, ""].map(|part| format!("{:x}\r\n{part}\r\n", part.len()));
    let proxied = process.call(
        "POST /api/allocate?code=key HTTP/1.1\nHost: 127.0.0.1:7071\n\
         X-Forwarded-Host: contoso.azurewebsites.net\nTransfer-Encoding: chunked",
        &chunks.concat(),
    );
    assert_assigned(&proxied);
    let length = body.len();
    let forwarded = process.call(
        &format!(
            "POST /api/allocate?code=key,other HTTP/1.1\nHost: localhost:7071\n\
             Content-Type: application/json; charset=utf-8\nContent-Length: {length}"
        ),
        &body,
    );
    assert_assigned(&forwarded);
}

#[test]
fn a_body_of_10_mib_gets_its_answer_although_the_client_sends_all_of_it_first() {
    let process = Process::start(&[]);
    let answer = process.allocate(&" ".repeat(10 * 1024 * 1024));
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_assigned(&process.allocate(&good_request().to_string()));
}

/// Long before the deadline, and without asking for any of it.
#[test]
fn a_length_over_the_limit_is_answered_before_the_body_is_sent() {
    let process = Process::start(&[("ALLOCATE_DEADLINE_MS", "230000")]);
    for expect in ["", "Expect: 100-continue\r\n"] {
        let mut stream = process.connect();
        write!(
            stream,
            "POST /api/allocate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10485760\r\n{expect}\r\n"
        )
        .unwrap();
        let mut answer = [0; 13];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 413 ");
    }
    assert_assigned(&process.allocate(&good_request().to_string()));
}

#[test]
fn a_request_under_way_is_answered_before_the_end() {
    let mut process = Process::start(&[]);
    let answer = allocate_in_two(&mut process, &good_request().to_string(), |process| {
        process.signal("TERM");
        process.wait_for_line("stopping");
    });
    assert_assigned(&answer);
    let (code, log, stderr) = process.end();
    assert_eq!((code, &*stderr), (Some(0), ""), "{log}");
}

#[test]
fn a_request_that_never_ends_does_not_hold_up_the_end() {
    let process = Process::start(&[("ALLOCATE_DEADLINE_MS", "60000")]);
    let mut stream = process.connect();
    write!(
        stream,
        "POST /allocate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    )
    .unwrap();
    process.get("/");
    process.signal("TERM");
    let (code, log, _) = process.end();
    assert_eq!(code, Some(0));
    assert!(log.contains("still under way"), "{log}");
}

#[test]
fn an_edit_is_in_use_after_two_polls_and_a_wrong_one_is_in_the_log() {
    let mut process = Process::start(&[("POLICY_REFRESH_SECONDS", "1")]);
    process.wait_for_line("policy installed");
    let hubs = process.folder.path().join("hubs.csv");
    fs::write(&hubs, TABLES[0].1.replace("EU,,1", "EU,,much")).unwrap();
    process.wait_for_line("`much`");
    assert_assigned(&process.allocate(&good_request().to_string()));
    assert!(process.get("/api/policy").contains("`much`"));
    fs::write(&hubs, TABLES[0].1.replace("EU,,1", "EU,,5")).unwrap();
    process.wait_for_line("policy installed");
    assert_assigned(&process.allocate(&good_request().to_string()));
    assert!(process.get("/health").contains("\"ok\""));
}

#[test]
fn secrets_and_payloads_are_in_no_log_line() {
    let process = Process::start(&[("RUST_LOG", "trace")]);
    let mut refused = request("nobody", json!({"secret": "marked"}));
    refused["deviceRuntimeContext"]["x509"] = json!({"clientCertificate": "marked"});
    let assigned = request("acme", json!({"secret": "marked"}));
    for body in [
        refused.to_string(),
        assigned.to_string(),
        "{\"marked\"".to_owned(),
    ] {
        for route in ["allocate", "explain"] {
            let length = body.len();
            process.call(
                &format!(
                    "POST /api/{route}?code=marked HTTP/1.1\nHost: localhost\nx-functions-key: marked\n\
                     Authorization: marked\nContent-Length: {length}"
                ),
                &body,
            );
        }
    }
    process.signal("TERM");
    let (_, log, stderr) = process.end();
    assert!(
        !log.contains("marked") && stderr.is_empty(),
        "{log}{stderr}"
    );
    let line = log
        .lines()
        .find(|line| line.contains("registration refused"))
        .unwrap();
    let fields = [
        "dps.reason=\"unknownEnrollment\"",
        "dps.registration_id=\"pump-1\"",
        "dps.enrollment_id=\"nobody\"",
        "dps.policy_revision=\"",
        "dps.decision_id=\"",
    ];
    for field in fields {
        assert!(line.contains(field), "{field}: {line}");
    }
    assert!(
        log.lines()
            .any(|line| line.contains("registration assigned")),
        "{log}"
    );
    assert!(!log.contains('\u{1b}'), "no colours off a terminal: {log}");
}

/// Lines of decisions after three assigned devices and a refused one.
fn decisions(variables: &[(&str, &str)]) -> usize {
    let process = Process::start(variables);
    for _ in 0..3 {
        process.allocate(&good_request().to_string());
    }
    process.allocate(&request("nobody", json!(null)).to_string());
    process.signal("TERM");
    let (_, log, _) = process.end();
    assert!(log.contains("stopping"), "{log}");
    let is_about_it = |line: &&str| line.contains("pump-1");
    let lines: Vec<&str> = log.lines().filter(is_about_it).collect();
    let of_decisions = lines
        .iter()
        .filter(|line| line.starts_with("{\"log\":\"decision\","));
    assert_eq!(of_decisions.count(), lines.len(), "{log}");
    lines.len()
}

#[test]
fn each_decision_has_one_line_that_can_be_switched_off() {
    assert_eq!(decisions(&[]), 4);
    assert_eq!(decisions(&[("RUST_LOG", "info,decision=off")]), 0);
    assert_eq!(
        decisions(&[("RUST_LOG", "off,decision=info,dps_webhook=info")]),
        4
    );
}

/// The pipe holds 64 KiB, the queue a thousand lines; far more than both is logged.
#[test]
fn a_stdout_that_nobody_reads_delays_no_answer() {
    let mut process = Process::start(&[]);
    process.stop_reading();
    let mut unknown = request("nobody", json!(null));
    unknown["linkedHubs"] = json!(vec!["hub.azure-devices.net"; 50]);
    let body = unknown.to_string();
    for _ in 0..1500 {
        let answer = process.allocate(&body);
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    }
    process.read_on();
    process.wait_for_line("\"log\":\"dropped\"");
    process.signal("TERM");
    let (code, log, stderr) = process.end();
    assert_eq!((code, &*stderr), (Some(0), ""), "{log}");
    let lines = log.lines().filter(|line| line.starts_with("{\"log\""));
    let (mut written, mut dropped) = (0, 0);
    for line in lines {
        let line: Value = serde_json::from_str(line).unwrap();
        match line["lines"].as_u64() {
            Some(lines) => dropped += lines,
            None => written += 1,
        }
    }
    assert!(dropped > 0 && written > 0, "{written} and {dropped}");
    assert_eq!(written + dropped, 1500);
}

/// A disk that is full, and a reader that is gone.
#[test]
fn a_log_that_cannot_be_written_is_said_once_on_stderr() {
    let full = || {
        Stdio::from(
            fs::OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap(),
        )
    };
    let closed = || Stdio::from(std::io::pipe().unwrap().1);
    for (stdout, error) in [(full(), "No space left"), (closed(), "Broken pipe")] {
        let mut child = program().stdout(stdout).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        stderr.read_line(&mut said).unwrap();
        let expected = "the log cannot be written to stdout: ";
        assert!(said.starts_with(expected) && said.contains(error), "{said}");
        // It has logged its start; its end is logged as well, and said no more.
        assert_eq!(child.try_wait().unwrap(), None, "it serves without a log");
        let kill = format!("kill -TERM {}", child.id());
        Command::new("sh").args(["-c", &kill]).status().unwrap();
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        assert_eq!((child.wait().unwrap().code(), &*rest), (Some(0), ""));
    }
}

#[test]
fn the_end_does_not_wait_for_a_reader() {
    let process = Process::start(&[]);
    process.stop_reading();
    let mut unknown = request("nobody", json!(null));
    unknown["linkedHubs"] = json!(vec!["x".repeat(1000); 200]);
    process.allocate(&unknown.to_string());
    process.allocate(&unknown.to_string());
    process.signal("TERM");
    assert_eq!(process.end_unread(), Some(0));
}

fn output(mut command: Command) -> Output {
    let child = command.spawn().unwrap();
    let id = child.id();
    let waiting = thread::spawn(move || child.wait_with_output().unwrap());
    let started = Instant::now();
    while !waiting.is_finished() && started.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
    if !waiting.is_finished() {
        Command::new("sh")
            .args(["-c", &format!("kill -KILL {id}")])
            .status()
            .unwrap();
    }
    waiting.join().unwrap()
}

#[track_caller]
fn check_failure(command: Command, code: i32, message: &str) {
    let output = output(command);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(stderr.contains(message), "{stderr}");
}

#[test]
fn what_keeps_it_from_starting_has_an_exit_code() {
    let mut wrong = program();
    wrong.envs([
        ("POLICY_REFRESH_SECONDS", "0"),
        ("ALLOCATE_DEADLINE_MS", "x"),
    ]);
    check_failure(wrong, 64, "\n  ALLOCATE_DEADLINE_MS: `x` ");
    let mut argument = program();
    argument.arg("--port");
    check_failure(argument, 64, "`--port` is not an argument");

    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut listening = program();
    listening.env("FUNCTIONS_CUSTOMHANDLER_PORT", &port);
    check_failure(
        listening,
        69,
        &format!("cannot listen on 127.0.0.1:{port}: Address already"),
    );
    let mut listening = program();
    listening.env("FUNCTIONS_CUSTOMHANDLER_PORT", &port);
    let rule = "another program uses the port: end it, or set FUNCTIONS_CUSTOMHANDLER_PORT";
    check_failure(listening, 69, rule);
    // An address for documentation (RFC 5737), which no machine has.
    let mut elsewhere = program();
    elsewhere.envs([
        ("LISTEN_ADDRESS", "192.0.2.1"),
        ("ALLOCATE_KEY_1", "0123456789abcdef0123456789abcdef"),
    ]);
    check_failure(elsewhere, 69, "set LISTEN_ADDRESS to one that it has");
}

#[test]
fn it_starts_without_tables_and_says_so() {
    let mut process = Process::start(&[("POLICY_DIR", "/nonexistent")]);
    process.wait_for_line("the config tables cannot be read");
    let answer = process.allocate(&good_request().to_string());
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\"reason\":\"noPolicy\""), "{answer}");
}

#[test]
fn it_says_what_it_is() {
    for (argument, expected) in [("--help", "POLICY_DIR"), ("--version", "dps-webhook 0.")] {
        let mut command = program();
        command.arg(argument);
        let output = output(command);
        assert_eq!(output.status.code(), Some(0));
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.contains(expected), "{stdout}");
    }
}
