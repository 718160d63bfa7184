//! Limits of time and size.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use functions_host::State;
use serde_json::json;

use crate::harness::{App, chunked};

/// The call that takes too long, and one that began later; starts of the handler in all.
async fn times_out(app: App, starts: usize) {
    let running = app
        .host_json(json!({ "functionTimeout": "00:00:01" }))
        .start()
        .await;
    let pid = running.get("/api/toy").await.echo()["pid"].clone();
    let innocent = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
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

/// Proxying tries the later call again in vain, until it is overdue too and costs a restart.
#[tokio::test]
async fn function_timeout_kills_and_restarts() {
    tokio::join!(
        times_out(App::proxying(), 3),
        times_out(App::forwarding(), 2)
    );
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
        assert_eq!((answer.status, answer.body.as_str()), (413, ""));
    }
    // Without a length it is found out too late for a status of its own.
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
    assert_eq!(default.send(request, Body::new(never.1)).await.status, 413);
}

#[tokio::test]
async fn quiet_handlers_are_given_up() {
    let app =
        || App::proxying().option(|options| options.waits.activity = Duration::from_millis(300));
    let running = app().start().await;
    assert_eq!(running.get("/api/toy/hang").await.status, 500);
    running.logged("no activity for 300ms").await;
    assert_eq!(running.host.restarts(), 0);
    assert_eq!(running.get("/api/toy/pause/100").await.body, "first,last");
}
