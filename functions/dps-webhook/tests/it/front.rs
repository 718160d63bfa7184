//! What is believed of callers, by who stands before the webhook.

use axum::body::Body;
use axum::http::Request;
use dps_webhook::{Endpoints, Front, Key, Keys, Lines};
use serde_json::Value;

use crate::webhook::{Answer, Webhook, Written, app, good_request};

const INVOCATION: &str = "4a0c4f3e-8a6e-4d0c-9f44-0d6f3c8f2b11";
const KEY: &str = "key0_0123456789abcdef-0123456789ABCDEF";

async fn behind(front: Front, key: Option<&str>, lines: &Lines) -> Endpoints {
    let webhook = Webhook::new();
    let (mut app, mut refresh) = app(&webhook.store(), lines);
    refresh.poll().await;
    app.front = front;
    let keys = key.map(|key| Keys {
        allocate: vec![Key::parse(key).unwrap()],
        operator: Vec::new(),
    });
    Endpoints::new(app, keys)
}

async fn answer(endpoints: &Endpoints, path: &str, host: &str) -> Answer {
    let request = match path {
        "/api/allocate" => Request::post(path),
        _ => Request::get(path),
    };
    let request = request
        .header("Host", host)
        .header("x-functions-key", KEY)
        .header("x-azure-functions-invocationid", INVOCATION);
    let body = Body::from(good_request().to_string());
    Answer::of(endpoints, request.body(body).unwrap()).await
}

/// Whether the decision has the name that the header gives it.
async fn check_named(front: Front, key: Option<&str>, named: bool) {
    let written = Written::default();
    let lines = Lines::to(written.clone());
    let endpoints = behind(front, key, &lines).await;
    assert_eq!(
        answer(&endpoints, "/api/allocate", "localhost")
            .await
            .status,
        200
    );
    let line: Value = written.after(&lines).remove(0);
    assert_eq!(line["decisionId"] == INVOCATION, named, "{front:?}: {line}");
    assert_eq!(
        line["invocationId"] == INVOCATION,
        named,
        "{front:?}: {line}"
    );
}

#[tokio::test]
async fn only_hosts_name_decisions() {
    check_named(Front::FunctionsHost, None, true).await;
    check_named(Front::FunctionsHost, Some(KEY), true).await;
    check_named(Front::Lambda, Some(KEY), true).await;
    check_named(Front::Direct, None, false).await;
    check_named(Front::Direct, Some(KEY), false).await;
}

async fn check_host(front: Front, key: Option<&str>, host: &str, answered: bool) {
    let endpoints = behind(front, key, &Lines::to(Vec::new())).await;
    for path in ["/api/allocate", "/api/health", "/"] {
        let answer = answer(&endpoints, path, host).await;
        if answered {
            assert_eq!(answer.status, 200, "{front:?} {host}: {}", answer.text);
        } else {
            answer.assert_problem(421, "foreignHost");
            assert!(!answer.text.contains(host), "{}", answer.text);
        }
    }
}

/// DNS rebinding: a page of `rebound.example` has that name point to 127.0.0.1.
#[tokio::test]
async fn without_keys_and_host_no_web_page_gets_an_answer() {
    for host in ["localhost:7071", "127.0.0.1:7071", "[::1]:7071"] {
        check_host(Front::Direct, None, host, true).await;
    }
    check_host(Front::Direct, None, "rebound.example:7071", false).await;
    // Whoever has the key may call it what they like; a Functions host passes on its own name.
    check_host(Front::Direct, Some(KEY), "rebound.example:7071", true).await;
    check_host(Front::Lambda, Some(KEY), "dps.example.com", true).await;
    check_host(
        Front::FunctionsHost,
        None,
        "contoso.azurewebsites.net",
        true,
    )
    .await;
    check_host(Front::FunctionsHost, None, "127.0.0.1:45678", true).await;
}

/// What the documented table of reasons says about it.
pub(crate) async fn rebound() -> Answer {
    let endpoints = behind(Front::Direct, None, &Lines::to(Vec::new())).await;
    answer(&endpoints, "/api/policy", "rebound.example").await
}
