//! Proxying streams, forwarding buffers.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::time::timeout;

use crate::harness::{App, Running, SOON};

/// The answer as far as it is there within a time, while the handler pauses for much longer.
async fn first_half(running: &Running, time: Duration) -> Option<String> {
    let request = running.open(Request::get("/api/toy/pause/600000"), Body::empty());
    let mut body = timeout(time, request).await.ok()?.into_body();
    let frame = timeout(time, body.frame()).await.ok()??.ok()?;
    Some(String::from_utf8(frame.into_data().ok()?.to_vec()).unwrap())
}

#[tokio::test]
async fn only_proxying_streams() {
    let running = App::proxying().start().await;
    running.get("/api/toy").await;
    assert_eq!(first_half(&running, SOON).await.as_deref(), Some("first,"));
    running.logged("The client disconnected").await;
    let running = App::forwarding().start().await;
    running.get("/api/toy").await;
    assert_eq!(first_half(&running, Duration::from_secs(2)).await, None);
}

/// A broken answer breaks the connection: the status is out already.
async fn broken(app: App) {
    let running = app.start().await;
    running.ready(1).await;
    let response = running
        .open(Request::get("/api/toy/pause/600000"), Body::empty())
        .await;
    assert_eq!(response.status(), 200);
    let body = timeout(SOON, response.into_body().collect())
        .await
        .expect("an end in time");
    assert!(body.is_err(), "{body:?}");
    running.logged("Executed 'Functions.toy' (Failed").await;
}

#[tokio::test]
async fn broken_answers() {
    // Enough for the first half, also on a machine that is busy.
    let limit = Duration::from_secs(3);
    tokio::join!(
        broken(App::proxying().option(|options| options.waits.activity = limit)),
        broken(App::proxying().host_json(json!({ "functionTimeout": "00:00:03" }))),
    );
}
