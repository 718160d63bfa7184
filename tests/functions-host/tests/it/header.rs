//! What the two ways do to headers, path, query and body.

use axum::body::Body;
use axum::http::Request;

use crate::harness::{Answer, App, Running, chunked};

async fn send(running: &Running, headers: &[(&str, &str)]) -> Answer {
    let request = headers
        .iter()
        .fold(Request::get("/api/toy"), |request, (name, value)| {
            request.header(*name, *value)
        });
    running.send(request, Body::empty()).await
}

const UNTOUCHED: [(&str, &str); 7] = [
    ("x-functions-key", "k"),
    ("authorization", "Bearer t"),
    ("x-arr-log-id", "1"),
    ("x-ms-client-principal", "p"),
    ("accept", "a/b"),
    ("cookie", "c=1"),
    ("x-mine", "m"),
];

#[tokio::test]
async fn both_leave_most_headers_alone() {
    for app in [App::proxying(), App::forwarding()] {
        let answer = send(&app.start().await, &UNTOUCHED).await;
        for (name, value) in UNTOUCHED {
            assert_eq!(answer.got(name), value, "{name}");
        }
    }
}

#[tokio::test]
async fn proxying_adds_and_replaces() {
    let running = App::proxying().start().await;
    let host = format!("127.0.0.1:{}", running.host.port());
    let answer = send(
        &running,
        &[
            ("host", "dps.example:7071"),
            ("user-agent", "curl/8"),
            ("x-azure-functions-invocationid", "mine"),
            ("x-ms-invocation-id", "mine"),
            ("x-azure-functions-hostversion", "0"),
            ("x-forwarded-for", "203.0.113.7"),
            ("x-forwarded-host", "other"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-prefix", "/other"),
            ("forwarded", "for=203.0.113.7"),
            ("x-two", "1"),
            ("x-two", "2"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
        ],
    )
    .await;
    let id = answer.got("x-azure-functions-invocationid");
    assert_eq!(id.len(), 36, "{id}");
    assert_eq!(answer.got("x-ms-invocation-id"), id);
    assert!(
        running
            .logged(&format!("Id={id}"))
            .await
            .message
            .starts_with("Executing")
    );
    assert_eq!(answer.got("x-azure-functions-hostversion"), "4.1052.200.0");
    assert_eq!(answer.got("user-agent"), "curl/8");
    assert_eq!(answer.got("x-forwarded-for"), "127.0.0.1");
    assert_eq!(answer.got("x-forwarded-host"), "dps.example:7071");
    assert_eq!(answer.got("x-forwarded-proto"), "http");
    assert_eq!(answer.got("x-forwarded-prefix"), "");
    assert_eq!(answer.got("forwarded"), "");
    assert_eq!(answer.got("x-two"), "1, 2");
    assert_eq!(answer.got("cookie"), "a=1; b=2");
    let port = running
        .get("/api/toy/env/FUNCTIONS_CUSTOMHANDLER_PORT")
        .await
        .body;
    assert_eq!(answer.got("host"), format!("127.0.0.1:{port}"));
    assert_ne!(answer.got("host"), host);
}

#[tokio::test]
async fn proxying_drops_hop_by_hop_headers() {
    let running = App::proxying().start().await;
    let hops = [
        "keep-alive",
        "te",
        "proxy-authorization",
        "upgrade-insecure-requests",
        "alt-svc",
    ];
    let answer = send(&running, &hops.map(|name| (name, "1"))).await;
    for name in hops.into_iter().chain(["connection", "transfer-encoding"]) {
        assert_eq!(answer.got(name), "", "{name}");
    }
}

#[tokio::test]
async fn forwarding_adds_to_what_is_there() {
    let running = App::forwarding().start().await;
    let headers = [
        ("host", "dps.example:7071"),
        ("user-agent", "curl/8"),
        ("x-azure-functions-invocationid", "mine"),
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
    ];
    let answer = send(&running, &headers).await;
    assert_eq!(answer.got("host"), "dps.example:7071");
    assert_eq!(
        answer.got("user-agent"),
        "curl/8 Azure-Functions-Host/4.1052.200.0"
    );
    assert_eq!(answer.got("x-azure-functions-hostversion"), "4.1052.200.0");
    let id = answer.got("x-azure-functions-invocationid");
    assert!(id.starts_with("mine, ") && id.len() == 42, "{id}");
    assert_eq!(answer.got("x-ms-invocation-id"), "");
    assert_eq!(answer.got("x-forwarded-for"), "203.0.113.7");
    assert_eq!(answer.got("forwarded"), "for=203.0.113.7");
    assert_eq!(answer.got("x-forwarded-host"), "");
    let answer = send(&running, &[]).await;
    assert_eq!(
        answer.got("user-agent"),
        "Azure-Functions-Host/4.1052.200.0"
    );
    assert_eq!(answer.got("x-azure-functions-invocationid").len(), 36);
}

#[tokio::test]
async fn forwarding_drops_content_headers() {
    let running = App::forwarding().start().await;
    let all = Request::post("/api/toy")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .header("content-language", "en")
        .header("expires", "0");
    let answer = running.send(all, Body::from("{}")).await;
    assert_eq!(answer.echo()["body"], "{}");
    assert_eq!(
        (answer.got("content-type"), answer.got("content-length")),
        ("application/json".into(), "2".into())
    );
    let dropped = ["content-encoding", "content-language", "expires"].map(|name| answer.got(name));
    assert_eq!(dropped, ["", "", ""]);
    let answer = send(&running, &[("content-type", "application/json")]).await;
    assert_eq!(answer.got("content-type"), "");
}

#[tokio::test]
async fn targets() {
    let target = "/api/toy/x/../%61?b=2&a=1&B=%2F&flag";
    let running = App::proxying().start().await;
    let decoded = "/api/toy/a?b=2&a=1&B=%2F&flag";
    assert_eq!(running.get(target).await.echo()["target"], decoded);
    let running = App::forwarding().start().await;
    let rebuilt = "/api/toy/a?b=2,%2F&a=1&flag=";
    assert_eq!(running.get(target).await.echo()["target"], rebuilt);
}

#[tokio::test]
async fn bodies() {
    let running = App::proxying().start().await;
    let answer = running.post("/api/toy", "hello").await;
    assert_eq!(
        (&answer.echo()["body"], answer.got("content-length")),
        (&"hello".into(), "5".into())
    );
    let answer = running
        .send(Request::post("/api/toy"), chunked("streamed"))
        .await;
    assert_eq!(answer.echo()["body"], "streamed");
    assert_eq!(
        (
            answer.got("content-length"),
            answer.got("transfer-encoding")
        ),
        (String::new(), "chunked".into())
    );

    let running = App::forwarding().start().await;
    assert_eq!(
        running.post("/api/toy", "hello").await.echo()["body"],
        "hello"
    );
    let answer = running
        .send(Request::post("/api/toy"), chunked("lost"))
        .await;
    assert_eq!((answer.status, answer.body.as_str()), (500, ""));
}

#[tokio::test]
async fn answers_pass_as_they_are() {
    for app in [App::proxying(), App::forwarding()] {
        let running = app.start().await;
        for status in [201, 204, 404, 429, 500, 503] {
            assert_eq!(
                running
                    .get(&format!("/api/toy/status/{status}"))
                    .await
                    .status,
                status
            );
        }
        let answer = running.get("/api/toy/headers").await;
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        assert_eq!(answer.status, 302);
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert_eq!(
            (&answer.headers["location"], &answer.headers["x-toy"]),
            (&"/elsewhere".parse().unwrap(), &"yes".parse().unwrap())
        );
    }
    let answer = App::proxying().start().await.get("/api/toy/headers").await;
    assert!(!answer.headers.contains_key("keep-alive"));
    assert_eq!(answer.headers["strict-transport-security"], "max-age=1");
}

/// A handler's refusal is a successful invocation.
#[tokio::test]
async fn any_answer_is_a_success() {
    let running = App::proxying().start().await;
    running.get("/api/toy/status/503").await;
    let line = running.logged("Executed 'Functions.toy' (Succeeded").await;
    assert_eq!(line.category, "Function.toy");
}
