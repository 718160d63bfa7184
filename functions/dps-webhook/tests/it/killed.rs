//! What a process leaves that is killed without a signal, as the Functions host ends it.

use serde_json::{Value, json};

use crate::running::{Process, UNDER_HOST};
use crate::webhook::{good_request, request};

/// Kills it as soon as so many requests are answered; the ids in the lines of its decisions, and
/// in the answers.
fn check(variables: &[(&str, &str)], answers: usize) {
    let process = Process::start(variables);
    let unknown = request("nobody", json!(null)).to_string();
    for number in 0..answers {
        let (body, status) = match number % 2 {
            0 => (good_request().to_string(), "HTTP/1.1 200 "),
            _ => (unknown.clone(), "HTTP/1.1 404 "),
        };
        let answer = process.allocate(&body);
        assert!(answer.starts_with(status), "{answer}");
    }
    process.signal("KILL");
    let (code, log, stderr) = process.end();
    assert_eq!((code, &*stderr), (None, ""), "{log}");
    let lines = log.lines().filter(|line| line.starts_with("{\"log\""));
    let decisions = lines
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["log"] == "decision");
    assert_eq!(decisions.count(), answers, "{log}");
}

#[test]
fn each_decision_that_was_answered_is_in_the_log() {
    for answers in [1, 2, 3, 50] {
        check(&[UNDER_HOST], answers);
    }
    // Events that come with a decision do not hold up its line.
    check(&[UNDER_HOST, ("RUST_LOG", "debug")], 20);
}
