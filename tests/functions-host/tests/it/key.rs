//! Who may call what, with keys on.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use functions_host::{Auth, Keys};
use serde_json::json;

use crate::harness::{App, Running};

fn keys() -> Keys {
    let named = |value: &str| BTreeMap::from([("default".to_owned(), value.to_owned())]);
    Keys {
        master_key: "master".into(),
        function_keys: named("host"),
        functions: BTreeMap::from([("Allocate".into(), named("own")), ("b".into(), named("bs"))]),
    }
}

async fn app() -> Running {
    let mut app = App::empty().option(|options| options.auth = Auth::On(keys()));
    for level in ["anonymous", "function", "admin"] {
        app = app.function(&format!("f-{level}"), json!({ "authLevel": level }));
    }
    app.function("allocate", json!({}))
        .function("off", json!({ "authLevel": "anonymous" }))
        .setting("AzureWebJobs.off.Disabled", "1")
        .start()
        .await
}

async fn check(running: &Running, target: &str, header: Option<&str>, status: u16) {
    let mut request = Request::get(format!("/api/{target}"));
    if let Some(key) = header {
        request = request.header("x-functions-key", key);
    }
    let answer = running.send(request, Body::empty()).await;
    assert_eq!(answer.status, status, "{target} {header:?}");
    assert!(status == 200 || answer.body.is_empty(), "{answer:?}");
}

#[tokio::test]
async fn levels() {
    let running = &app().await;
    check(running, "f-anonymous", None, 200).await;
    check(running, "f-anonymous", Some("wrong"), 200).await;
    check(running, "f-function", None, 401).await;
    check(running, "f-function", Some("wrong"), 401).await;
    check(running, "f-function", Some("host"), 200).await;
    check(running, "f-function", Some("own"), 401).await;
    check(running, "f-function", Some("master"), 200).await;
    check(running, "f-admin", Some("host"), 401).await;
    check(running, "f-admin", Some("master"), 200).await;
    check(running, "allocate", Some("own"), 200).await;
    check(running, "allocate", Some("bs"), 401).await;
    check(running, "unknown", None, 404).await;
    check(running, "off", None, 404).await;
    check(running, "off", Some("host"), 404).await;
    check(running, "off", Some("master"), 200).await;
}

/// What is the host's own asks for the master key, whatever is there.
#[tokio::test]
async fn the_hosts_own_folders() {
    let running = &app().await;
    let check = async |path: &str, key: &str, status: u16| {
        let request = Request::get(path).header("x-functions-key", key);
        let answer = running.send(request, Body::empty()).await;
        assert_eq!(answer.status, status, "{path} {key}");
        let challenge = answer.headers.get("www-authenticate");
        assert_eq!(challenge.is_some(), status == 401, "{path} {key}");
    };
    check("/admin/host/ping", "", 200).await;
    check("/admin/host/status", "", 401).await;
    check("/ADMIN/functions", "host", 401).await;
    check("/admin", "own", 401).await;
    check("/admin/functions", "master", 404).await;
    check("/runtime/webhooks/eventgrid", "", 401).await;
    check("/runtime/webhooks/eventgrid", "master", 404).await;
    check("/administration", "", 404).await;
}

#[tokio::test]
async fn header_before_query() {
    let running = &app().await;
    check(running, "f-function?code=host", None, 200).await;
    check(running, "f-function?a=1&CODE=ho%73t", None, 200).await;
    check(running, "f-function?code=host", Some("wrong"), 401).await;
    check(running, "f-function?code=host", Some(""), 401).await;
    check(running, "f-function?code=wrong", Some("host"), 200).await;
    check(running, "f-function?code=", None, 401).await;
}

#[tokio::test]
async fn the_handler_sees_the_key_and_the_log_does_not() {
    let running = app().await;
    let request = Request::get("/api/allocate?code=own").header("x-functions-key", "master");
    let answer = running.send(request, Body::empty()).await;
    assert_eq!(answer.echo()["target"], "/api/allocate?code=own");
    assert_eq!(answer.got("x-functions-key"), "master");
    let text = format!(
        "{:?} {:?} {:?}",
        running.host.log().lines(),
        keys(),
        running.host
    );
    assert!(
        !["master\"", "own\"", "bs\"", "code"]
            .iter()
            .any(|key| text.contains(key)),
        "{text}"
    );
}

#[tokio::test]
async fn without_keys_every_caller_is_an_administrator() {
    let running = App::empty()
        .function("a", json!({ "authLevel": "admin" }))
        .start()
        .await;
    check(&running, "a", None, 200).await;
}

#[tokio::test]
async fn keys_change_while_the_app_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write(r#"{ "functions": { "allocate": { "one": "first" } } }"#);
    let app = App::empty().option(|options| options.auth = Auth::File(file.clone()));
    let running = &app.function("allocate", json!({})).start().await;
    check(running, "allocate?code=first", None, 200).await;
    check(running, "allocate?code=second", None, 401).await;
    write(r#"{ "functions": { "allocate": { "one": "first", "two": "second" } } }"#);
    check(running, "allocate?code=first", None, 200).await;
    check(running, "allocate?code=second", None, 200).await;
    write(r#"{ "functions": { "allocate": { "two": "second" } } }"#);
    check(running, "allocate?code=first", None, 401).await;
    check(running, "allocate?code=second", None, 200).await;
    write("{");
    check(running, "allocate?code=second", None, 401).await;
    let error = Keys::read(&file).unwrap_err().to_string();
    assert!(error.ends_with("is not a file of keys: look at line 1 column 1"));
}

#[test]
fn keys_as_json() {
    let text = r#"{ "masterKey": "m", "functionKeys": { "default": "d" },
        "functions": { "allocate": { "dps": "k" } } }"#;
    let keys: Keys = serde_json::from_str(text).unwrap();
    assert_eq!(
        (
            keys.master_key.as_str(),
            keys.functions["allocate"]["dps"].as_str()
        ),
        ("m", "k")
    );
    assert!(serde_json::from_str::<Keys>(r#"{ "masterkey": "m" }"#).is_err());
}
