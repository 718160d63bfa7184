//! Proxying streams, forwarding buffers.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;

use crate::harness::{App, Running, SOON};
use tokio::time::timeout;

/// The answer as far as it is there before the handler's pause ends.
async fn first_half(running: &Running) -> Option<String> {
    let soon = Duration::from_secs(2);
    let request = running.open(Request::get("/api/toy/pause/60000"), Body::empty());
    let mut body = timeout(soon, request).await.ok()?.into_body();
    let frame = timeout(soon, body.frame()).await.ok()??.ok()?;
    Some(String::from_utf8(frame.into_data().ok()?.to_vec()).unwrap())
}

#[tokio::test]
async fn only_proxying_streams() {
    let running = App::proxying().start().await;
    running.get("/api/toy").await;
    assert_eq!(first_half(&running).await.as_deref(), Some("first,"));
    running.logged("The client disconnected").await;
    let running = App::forwarding().start().await;
    running.get("/api/toy").await;
    assert_eq!(first_half(&running).await, None);
}

/// A broken answer breaks the connection: the status is out already.
async fn broken(app: App) {
    let running = app.start().await;
    let response = running
        .open(Request::get("/api/toy/pause/60000"), Body::empty())
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
    broken(App::proxying().option(|options| options.waits.activity = Duration::from_millis(300)))
        .await;
    broken(App::proxying().host_json(serde_json::json!({ "functionTimeout": "00:00:01" }))).await;
}
