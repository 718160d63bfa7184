//! Which function a request belongs to, and what the host answers itself.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::harness::{App, Running};

async fn check(running: &Running, method: &str, path: &str, status: u16) {
    let request = Request::builder().method(method).uri(path);
    let answer = running.send(request, Body::empty()).await;
    assert_eq!(answer.status, status, "{method} {path}");
    assert!(status != 404 || answer.body.is_empty(), "{answer:?}");
}

#[tokio::test]
async fn routes_and_methods() {
    let open = |more: serde_json::Value| {
        let mut trigger = json!({ "authLevel": "anonymous" });
        trigger
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        trigger
    };
    let running = &App::empty()
        .function("allocate", open(json!({ "methods": ["post"] })))
        .function(
            "tenant",
            open(json!({ "route": "tenants/{id}", "methods": ["GET", "put"] })),
        )
        .function("rest", open(json!({ "route": "files/{*path}" })))
        .function(
            "both-a",
            open(json!({ "route": "both", "methods": ["get"] })),
        )
        .function(
            "both-b",
            open(json!({ "route": "both", "methods": ["post"] })),
        )
        .function("off", open(json!({})))
        .setting("AzureWebJobs_off_Disabled", "true")
        .start()
        .await;
    check(running, "POST", "/api/allocate", 200).await;
    check(running, "POST", "/API/ALLOCATE/", 200).await;
    check(running, "GET", "/api/allocate", 404).await;
    check(running, "POST", "/allocate", 404).await;
    check(running, "POST", "/api/allocate/x", 404).await;
    check(running, "GET", "/api/tenants/a", 200).await;
    check(running, "PUT", "/api/tenants/a", 200).await;
    check(running, "DELETE", "/api/tenants/a", 404).await;
    check(running, "GET", "/api/tenants", 404).await;
    check(running, "PATCH", "/api/files/a/b/c", 200).await;
    check(running, "GET", "/api/files", 200).await;
    check(running, "GET", "/api/both", 200).await;
    check(running, "POST", "/api/both", 200).await;
    check(running, "PUT", "/api/both", 404).await;
    check(running, "GET", "/api/unknown", 404).await;
    check(running, "GET", "/admin/host/ping", 200).await;
    check(running, "POST", "/admin/host/ping", 200).await;
    check(running, "DELETE", "/admin/host/ping", 404).await;
    check(running, "GET", "/admin/host/status", 404).await;
    // Without keys every caller is an administrator, and may call what is disabled.
    check(running, "GET", "/api/off", 200).await;
}

#[tokio::test]
async fn prefixes() {
    let prefixed = |prefix: &str| {
        App::proxying().host_json(json!({ "extensions": { "http": { "routePrefix": prefix } } }))
    };
    let running = &prefixed("dps/v1").start().await;
    check(running, "GET", "/dps/v1/toy", 200).await;
    check(running, "GET", "/api/toy", 404).await;
    let running = &prefixed("").start().await;
    check(running, "GET", "/toy", 200).await;
    assert_eq!(
        running.get("/toy/a?b=1").await.echo()["target"],
        "/toy/a?b=1"
    );
    assert_eq!(running.host.endpoints()[0].path, "/toy/{*rest}");
}

#[tokio::test]
async fn routes_of_host_json_are_functions_by_position() {
    let http = json!({
        "defaultAuthorizationLevel": "anonymous",
        "routes": [{ "route": "one" }, { "route": "two/{id}", "authorizationLevel": "admin" }],
    });
    let app = App::empty().host_json(json!({ "customHandler": { "http": http } }));
    let running = &app.start().await;
    let names: Vec<_> = running
        .host
        .endpoints()
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert_eq!(names, ["http-handler1", "http-handler2"]);
    check(running, "OPTIONS", "/api/one", 200).await;
    check(running, "DELETE", "/api/two/x", 200).await;
    check(running, "GET", "/api/two", 404).await;
}

#[tokio::test]
async fn home_page_is_the_hosts_own() {
    let running = App::proxying().start().await;
    let answer = running.get("/").await;
    assert_eq!(
        (answer.status, &answer.headers["content-type"]),
        (200, &"text/html".parse().unwrap())
    );
}
