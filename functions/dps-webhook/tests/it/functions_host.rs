//! Under a Functions host: who ends the process, and with which exit code.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};

use crate::running::{Process, UNDER_HOST, allocate_in_two, program};
use crate::webhook::good_request;

#[track_caller]
fn assert_serves(process: &Process) {
    let answer = process.allocate(&good_request().to_string());
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn a_signal_flushes_and_the_process_goes_on_serving() {
    let mut process = Process::start(&[UNDER_HOST]);
    assert_serves(&process);
    // Each of them more than once: Ctrl-C is pressed again by whoever is impatient.
    for signal in ["TERM", "INT", "HUP", "INT", "TERM"] {
        process.signal(signal);
        process.wait_for_line("telemetry and log are flushed");
        assert_serves(&process);
    }
    process.signal("KILL");
    let (code, log, stderr) = process.end();
    assert_eq!((code, &*stderr), (None, ""), "{log}");
    assert!(!log.contains("stopping"), "{log}");
}

#[test]
fn a_request_under_way_at_a_signal_is_answered() {
    let mut process = Process::start(&[UNDER_HOST]);
    let answer = allocate_in_two(&mut process, &good_request().to_string(), |process| {
        process.signal("INT");
        process.wait_for_line("telemetry and log are flushed");
    });
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_serves(&process);
}

/// Its log ends, since nobody else holds its stdout; a plain server stays.
#[test]
fn it_ends_when_the_host_is_gone() {
    let mut plain = Process::start_below_a_shell(&[]);
    plain.lose_the_parent();
    let mut hosted = Process::start_below_a_shell(&[UNDER_HOST]);
    assert_serves(&hosted);
    hosted.lose_the_parent();
    let (_, log, stderr) = hosted.end();
    let message = "the Functions host that has started this process is gone";
    assert!(stderr.contains(message), "{stderr}{log}");
    assert_serves(&plain);
}

/// A collector that hangs, and a reader that does not read, hold nothing up.
#[test]
fn nothing_keeps_it_when_the_host_is_gone() {
    let collector = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", collector.local_addr().unwrap());
    let settings = [UNDER_HOST, ("OTEL_EXPORTER_OTLP_ENDPOINT", &*url)];
    let mut process = Process::start_below_a_shell(&settings);
    let mut stream = process.connect();
    write!(
        stream,
        "POST /allocate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    )
    .unwrap();
    assert_serves(&process);
    process.signal("TERM");
    process.wait_for_line("telemetry and log are flushed");
    process.lose_the_parent();
    let (_, log, stderr) = process.end();
    assert!(stderr.contains("is gone"), "{stderr}{log}");
}

/// The host never starts one again that has ended with 0.
#[test]
fn nothing_ends_with_0_under_a_host() {
    for argument in ["--help", "-h", "--version", "-V", "--port"] {
        let mut command = program();
        command.arg(argument).envs([UNDER_HOST]);
        let output = command.output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{argument}: {stderr}");
        assert!(
            stderr.contains("leave `arguments` out"),
            "{argument}: {stderr}"
        );
    }
}

/// A container and a laptop set the port as well.
#[test]
fn a_port_alone_makes_no_host() {
    for variable in ["FUNCTIONS_HTTPWORKER_PORT", "FUNCTIONS_WORKER_RUNTIME"] {
        let process = Process::start(&[(variable, "8080")]);
        process.signal("TERM");
        let (code, log, stderr) = process.end();
        assert_eq!((code, &*stderr), (Some(0), ""), "{variable}: {log}");
    }
}
