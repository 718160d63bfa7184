//! Limits of time and size.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use functions_host::State;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{App, SOON, chunked};

/// One call takes too long while a later one runs; by the end the handler has started `starts` times.
async fn times_out(app: App, starts: usize) {
    let running = app
        .host_json(json!({ "functionTimeout": "00:00:02" }))
        .option(|options| options.waits.timeout_grace = Duration::from_millis(200))
        .start()
        .await;
    // A call that waits for the handler would use up its time before it reaches it.
    running.ready(1).await;
    let pid = running.get("/api/toy").await.echo()["pid"].clone();
    let innocent = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        running.post("/api/toy/hang", "body").await
    };
    let (guilty, innocent) = tokio::join!(running.post("/api/toy/hang", "body"), innocent);
    assert_eq!((guilty.status, guilty.body.as_str()), (500, ""));
    assert_eq!(innocent.status, 500, "it goes down with the handler");
    running.logged("A function timeout has occurred.").await;
    running.ready(starts).await;
    assert_ne!(running.get("/api/toy").await.echo()["pid"], pid);
    assert_eq!(running.host.state(), State::Initialized);
}

/// With proxying, the later call is retried until it is overdue as well, which costs a restart.
#[tokio::test]
async fn function_timeout_kills_and_restarts() {
    tokio::join!(
        times_out(App::proxying(), 3),
        times_out(App::forwarding(), 2)
    );
}

/// An answer within the grace period is passed on, and the handler keeps running.
#[tokio::test]
async fn late_answers_pass() {
    for app in [App::proxying(), App::forwarding()] {
        let running = app
            .host_json(json!({ "functionTimeout": "00:00:01" }))
            .option(|options| options.waits.timeout_grace = SOON)
            .start()
            .await;
        let pid = running.get("/api/toy").await.echo()["pid"].clone();
        assert_eq!(running.get("/api/toy/late/1300").await.status, 200);
        running.logged("Timeout value of 1s exceeded").await;
        assert_eq!(running.get("/api/toy").await.echo()["pid"], pid);
        assert_eq!(running.host.restarts(), 0);
    }
}

/// A call that waits for a handler ends like any other.
#[tokio::test]
async fn waiting_calls_end_with_the_function_timeout() {
    let app = App::proxying()
        .host_json(json!({ "functionTimeout": "00:00:01" }))
        .option(|options| options.waits.timeout_grace = Duration::from_millis(200));
    let slow = app.setting("TOY_START_DELAY_MS", "60000");
    let running = slow.start().await;
    let answer = running.post("/api/toy", "body").await;
    assert_eq!((answer.status, answer.body.as_str()), (500, ""));
    assert_ne!(running.host.state(), State::Stopped);
}

#[tokio::test]
async fn minus_one_is_no_limit() {
    let running = App::proxying()
        .host_json(json!({ "functionTimeout": "-1" }))
        .start()
        .await;
    assert_eq!(running.get("/api/toy").await.status, 200);
}

#[tokio::test]
async fn bodies_that_are_too_long() {
    for app in [App::proxying(), App::forwarding()] {
        let running = app
            .setting("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "10")
            .start()
            .await;
        assert_eq!(running.post("/api/toy", "0123456789").await.status, 200);
        let answer = running.post("/api/toy", "0123456789a").await;
        assert_eq!((answer.status, answer.body.as_str()), (500, ""));
    }
    // Without a length, that is noticed only while the body is read.
    let running = App::proxying()
        .setting("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "10")
        .start()
        .await;
    let answer = running
        .send(Request::post("/api/toy"), chunked("0123456789a"))
        .await;
    assert_eq!((answer.status, answer.body.as_str()), (500, ""));
    let default = App::proxying().start().await;
    let request = Request::post("/api/toy").header("content-length", 104_857_601);
    let never = http_body_util::Channel::<axum::body::Bytes, std::io::Error>::new(1);
    assert_eq!(default.send(request, Body::new(never.1)).await.status, 500);
}

/// What a caller gets that sends `head` and then nothing.
async fn unfinished(head: &str, patience: Duration) -> String {
    let app = App::proxying().option(|options| options.waits.head = patience);
    let running = app.start().await;
    let mut stream = TcpStream::connect(("127.0.0.1", running.host.port()))
        .await
        .unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let whole = stream.read_to_string(&mut answer);
    timeout(SOON, whole).await.expect("an end in time").unwrap();
    answer
}

#[tokio::test]
async fn heads_that_never_end() {
    let soon = Duration::from_millis(300);
    let answer = unfinished("GET /api/toy HTTP/1.1\r\nHost: a", soon).await;
    assert!(
        answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
        "{answer}"
    );
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    // The limit is for the head, not for the call.
    let head = "GET /api/toy/pause/1000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = unfinished(head, soon).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[tokio::test]
async fn quiet_handlers_time_out() {
    let app = |limit| App::proxying().option(move |options| options.waits.activity = limit);
    let running = app(Duration::from_millis(300)).start().await;
    assert_eq!(running.get("/api/toy/hang").await.status, 500);
    running.logged("no activity for 300ms").await;
    assert_eq!(running.host.restarts(), 0);
    let running = app(SOON).start().await;
    assert_eq!(running.get("/api/toy/pause/100").await.body, "first,last");
}
