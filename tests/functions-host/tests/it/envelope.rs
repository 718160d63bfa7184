//! The JSON envelope of a host without a forwarding flag.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use functions_host::log::Level;
use serde_json::{Value, json};

use crate::harness::{Answer, App, Running};

/// One function `toy` at `/api/here`, which asks the handler for `POST /toy`.
fn app() -> App {
    App::empty()
        .host_json(json!({ "customHandler": { "enableProxyingHttpRequest": null } }))
        .function("toy", json!({ "authLevel": "anonymous", "route": "here" }))
}

/// What the handler is to answer: status, content type and body.
async fn answered(running: &Running, status: u16, kind: &str, body: &str) -> Answer {
    let wish = json!({ "status": status, "type": kind, "body": body }).to_string();
    let request = Request::post("/api/here").header("content-type", "application/json");
    running.send(request, Body::from(wish)).await
}

#[tokio::test]
async fn the_call_is_wrapped() {
    let running = app().start().await;
    let request = Request::post("/api/here?code=k&a=%C3%A9")
        .header("host", "dps.example")
        .header("x-mine", "1")
        .header("x-mine", "2");
    let answer = running.send(request, Body::from("{\"n\":1}")).await;
    let echo = answer.echo();
    assert_eq!(
        (&echo["method"], &echo["target"]),
        (&"POST".into(), &"/toy".into())
    );
    assert_eq!(
        answer.got("content-type"),
        "application/json; charset=utf-8"
    );
    assert_eq!(answer.got("transfer-encoding"), "chunked");
    assert_eq!(
        answer.got("user-agent"),
        "Azure-Functions-Host/4.1052.200.0"
    );
    assert_eq!(answer.got("x-azure-functions-invocationid").len(), 36);
    assert_eq!(answer.got("x-mine"), "");
    let envelope: Value = serde_json::from_str(echo["body"].as_str().unwrap()).unwrap();
    let call = &envelope["Data"]["req"];
    assert_eq!(call["Url"], "http://dps.example/api/here?code=k&a=%C3%A9");
    assert_eq!(
        (&call["Method"], &call["Body"]),
        (&"POST".into(), &"{\"n\":1}".into())
    );
    assert_eq!(call["Query"], json!({ "code": "k", "a": "\u{e9}" }));
    assert_eq!(call["Headers"]["X-Mine"], json!(["1", "2"]));
    assert_eq!(envelope["Metadata"]["sys"]["MethodName"], "toy");
}

#[tokio::test]
async fn outputs_become_the_answer() {
    let running = app().start().await;
    let check = async |body: Value, status: u16, text: &str, kind: &str| {
        let body = body.to_string();
        let answer = answered(&running, 200, "application/json", &body).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (status, text),
            "{body}"
        );
        let got = answer.headers.get("content-type");
        let got = got.map_or("", |value| value.to_str().unwrap());
        assert_eq!(got, kind, "{body}");
    };
    let (text, json) = (
        "text/plain; charset=utf-8",
        "application/json; charset=utf-8",
    );
    let output = |output: Value| json!({ "Outputs": { "res": output } });
    check(output(json!({ "body": "hi" })), 200, "hi", text).await;
    check(
        output(json!({ "statusCode": 409, "body": { "a": 1 } })),
        409,
        "{\"a\":1}",
        json,
    )
    .await;
    check(output(json!({ "status": "404" })), 404, "", "").await;
    check(output(json!("hi")), 200, "hi", text).await;
    let own = json!({ "body": "{}", "headers": { "Content-Type": "application/problem+json" } });
    check(output(own), 200, "{}", "application/problem+json").await;
    check(
        json!({ "outputs": { "RES": { "body": "hi" } } }),
        200,
        "hi",
        text,
    )
    .await;
    check(json!({ "Outputs": {} }), 204, "", "").await;
    check(json!({ "Logs": ["a line of the function"] }), 204, "", "").await;
    let line = running.logged("a line of the function").await;
    assert_eq!(
        (line.level, &*line.category),
        (Level::Information, "Function.toy.User")
    );
}

/// Failed invocations: the caller gets 500, whatever the handler says.
#[tokio::test]
async fn other_answers_fail() {
    let running = app().start().await;
    let check = async |status: u16, kind: &str, body: &str, said: &str| {
        let answer = answered(&running, status, kind, body).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (500, ""),
            "{status} {kind} {body}"
        );
        running.logged(said).await;
    };
    let good = r#"{ "Outputs": { "res": { "body": "hi" } } }"#;
    let json = "application/json";
    check(404, json, good, "the answer has status 404").await;
    check(
        200,
        "application/problem+json",
        good,
        "must be application/json",
    )
    .await;
    check(200, "", good, "must be application/json").await;
    check(200, json, "{", "the answer is not JSON").await;
    check(
        200,
        json,
        r#"{ "Outputs": { "res": { "status": 7 } } }"#,
        "does not know",
    )
    .await;
}

/// No outputs at all, not even none: the call hangs until the end of its time.
#[tokio::test]
async fn null_never_completes() {
    let running = app()
        .host_json(json!({ "functionTimeout": "00:00:01" }))
        .option(|options| options.waits.timeout_grace = Duration::from_millis(200))
        .start()
        .await;
    for (starts, body) in [(1, "null"), (2, "")] {
        // A call that waits for the handler would use up its time before it reaches it.
        running.ready(starts).await;
        let answer = answered(&running, 200, "application/json", body).await;
        assert_eq!(answer.status, 500, "{body:?}");
    }
    running.ready(3).await;
    assert_eq!(running.host.restarts(), 2);
}

/// The flags are for functions that are HTTP and nothing else.
#[tokio::test]
async fn a_function_with_more_bindings_gets_it_whatever_the_flags() {
    let bindings = json!([
        { "type": "httpTrigger", "direction": "in", "name": "call", "authLevel": "anonymous" },
        { "type": "http", "direction": "out", "name": "$return" },
        { "type": "queue", "direction": "out", "name": "q" },
    ]);
    let text = json!({ "bindings": bindings }).to_string();
    let running = App::empty().file("toy/function.json", &text).start().await;
    let wish =
        json!({ "status": 200, "type": "application/json", "body": "{\"ReturnValue\":\"hi\"}" });
    let request = Request::post("/api/toy");
    let answer = running.send(request, Body::from(wish.to_string())).await;
    assert_eq!((answer.status, &*answer.body), (200, "hi"));
}
