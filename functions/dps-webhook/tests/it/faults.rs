//! Faults of the program: 500, and the next request is answered.

use std::convert::Infallible;
use std::ffi::OsString;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use dps_policy_store::StoreSettings;
use dps_settings::Environment;
use dps_webhook::{DeviceLookup, Endpoints, LastGoodFiles, Lines};
use http_body::Frame;
use serde_json::Value;
use tempfile::TempDir;

use crate::webhook::{Answer, Webhook, app, good_request, request};

struct Panics;

impl HttpBody for Panics {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("a fault while a body is read, on purpose")
    }
}

#[tokio::test]
async fn a_panic_while_the_body_is_read_is_answered() {
    let webhook = Webhook::started().await;
    for path in ["/api/allocate", "/api/explain"] {
        let answer = webhook.post(path, Body::new(Panics)).await;
        answer.assert_problem(500, "fault");
        assert_eq!(webhook.allocate(&good_request()).await.status, 200);
    }
    let lines = webhook.lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].contains("\"reason\":\"fault\""), "{lines:?}");
}

/// Without events of the system, whoever opens a connection panics.
#[test]
fn a_panic_while_a_device_is_looked_up_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut webhook = Webhook::new();
        let lines = Lines::to(Vec::new());
        let (mut app, mut refresh) = app(&webhook.store(), &lines);
        app.devices = DeviceLookup::new(store_at("127.0.0.1:9"));
        refresh.poll().await;
        webhook.endpoints = Endpoints::new(app, None);
        for path in ["/api/allocate", "/api/explain"] {
            let body = request("sold", Value::Null).to_string();
            let request = Request::post(path).body(Body::from(body)).unwrap();
            let answer = Answer::of(&webhook.endpoints, request).await;
            answer.assert_problem(500, "fault");
            assert_eq!(webhook.allocate(&good_request()).await.status, 200);
        }
    });
}

/// The thread that polls goes on, and the policy in use stays in use.
#[test]
fn a_panic_in_a_poll_is_a_failed_poll() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let last_good = LastGoodFiles::default();
        let store = store_at("127.0.0.1:9");
        let mut webhook = Webhook::over(&store, TempDir::new().unwrap(), last_good);
        for _ in 0..2 {
            webhook.refresh.poll().await;
            let policy = webhook.get("/api/policy").await.json();
            let error = policy["unreadable"]["error"].as_str().unwrap();
            assert!(error.contains("fault"), "{policy}");
        }
        webhook
            .allocate(&good_request())
            .await
            .assert_problem(503, "noPolicy");
    });
}

/// Config tables in a storage account that listens on `address`.
pub(crate) fn store_at(address: &str) -> dps_policy_store::PolicyStore {
    let account = format!(
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;\
         TableEndpoint=http://{address}/devstoreaccount1"
    );
    let variables = [(OsString::from("PolicyTables"), OsString::from(account))];
    let settings = Environment::new(variables)
        .read(StoreSettings::read)
        .unwrap();
    settings.open().unwrap()
}
