//! A Functions host that sends envelopes: it learns of a failure, and the log says why, once.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::running::Process;
use crate::webhook::{Answer, Webhook, good_request};

/// What such a host posts to the name of a function, shortened.
pub(crate) const ENVELOPE: &str = r#"{
    "Data": {"req": {
        "Url": "http://localhost:7071/api/allocate",
        "Method": "POST",
        "Query": {},
        "Headers": {"Content-Type": ["application/json"]},
        "Params": {},
        "Body": "{\"linkedHubs\":[]}"
    }},
    "Metadata": {"Headers": {}, "sys": {"MethodName": "allocate", "RandGuid": "0"}}
}"#;

const TIMER: &str = r#"{"Data":{"timer":{"IsPastDue":false}},"Metadata":{"sys":{}}}"#;

async fn post(webhook: &Webhook, path: &str, body: &str) -> Answer {
    let id = "4a0c4f3e-8a6e-4d0c-9f44-0d6f3c8f2b11";
    let request = Request::post(path)
        .header("Content-Type", "application/json; charset=utf-8")
        .header("X-Azure-Functions-InvocationId", id)
        .body(Body::from(body.to_owned()));
    webhook.send(request.unwrap()).await
}

/// The host posts to the function's name, whatever its route and methods are.
#[tokio::test]
async fn it_is_recognised_at_every_function() {
    let webhook = Webhook::started().await;
    for path in ["/allocate", "/explain", "/policy", "/health", "/Allocate2"] {
        for body in [ENVELOPE, TIMER] {
            let answer = post(&webhook, path, body).await;
            answer.assert_problem(500, "notForwarded");
            let detail = answer.json()["detail"].to_string();
            assert!(detail.contains("enableForwardingHttpRequest"), "{detail}");
        }
    }
}

#[tokio::test]
async fn what_is_none_is_answered_as_before() {
    let webhook = Webhook::started().await;
    let mut with_members = good_request();
    with_members["Data"] = json!({});
    with_members["Metadata"] = json!({});
    let answer = post(&webhook, "/allocate", &with_members.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for body in [
        "{}",
        "null",
        r#"{"Data":{}}"#,
        r#"{"Metadata":{}}"#,
        r#"{"Data":1,"Metadata":2}"#,
        r#"{"data":{},"metadata":{}}"#,
        "nonsense",
    ] {
        let answer = post(&webhook, "/allocate", body).await;
        answer.assert_problem(400, "malformedRequest");
        let answer = post(&webhook, "/health", body).await;
        answer.assert_problem(405, "methodNotAllowed");
        let answer = post(&webhook, "/other", body).await;
        answer.assert_problem(404, "noSuchRoute");
    }
    // Nothing of a body is read for somebody else.
    let answer = webhook.post("/other", ENVELOPE).await;
    answer.assert_problem(404, "noSuchRoute");
}

#[test]
fn the_log_says_once_what_to_set() {
    let mut process = Process::start(&[]);
    process.wait_for_line("policy installed");
    for _ in 0..3 {
        let answer = process.allocate(ENVELOPE);
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    }
    process.signal("TERM");
    let (_, log, stderr) = process.end();
    assert_eq!(stderr, "");
    let is_warning = |line: &&str| line.contains("sends envelopes instead of requests");
    let warnings: Vec<&str> = log.lines().filter(is_warning).collect();
    assert_eq!(warnings.len(), 1, "{log}");
    for text in [
        "ERROR",
        "customHandler.enableProxyingHttpRequest",
        "customHandler.enableForwardingHttpRequest",
        "host.json",
    ] {
        assert!(warnings[0].contains(text), "{text}: {}", warnings[0]);
    }
}

/// Newer hosts prefer the first; older ones know only the second.
#[test]
fn host_json_sets_both_ways() {
    let text = include_str!("../../../../host.json");
    let host: Value = serde_json::from_str(text).unwrap();
    let handler = &host["customHandler"];
    assert_eq!(handler["enableProxyingHttpRequest"], true);
    assert_eq!(handler["enableForwardingHttpRequest"], true);
}
