//! Every answer that DPS can get, with its status.

use axum::body::Body;
use axum::http::Request;
use dps_allocation::RefusedReason;
use serde_json::{Value, json};

use crate::webhook::{Webhook, good_request, request};

#[tokio::test]
async fn an_assigned_device_gets_its_hub_in_the_spelling_of_dps() {
    let answer = Webhook::started().await.allocate(&good_request()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.text, r#"{"iotHubHostName":"Weu.azure-devices.net"}"#);
    assert_eq!(answer.header("dps-reason"), "weighted");
    let revision = answer.header("dps-policy-revision");
    assert!(
        revision.len() == 64 && revision.bytes().all(|b| b.is_ascii_hexdigit()),
        "{revision}"
    );
}

#[tokio::test]
async fn an_initial_twin_is_part_of_the_answer() {
    let answer = Webhook::started()
        .await
        .allocate(&request("twins", json!({"site": "Oslo"})))
        .await;
    let twin = &answer.json()["initialTwin"];
    assert_eq!(twin["tags"], json!({"site": "Oslo"}), "{answer:?}");
}

/// A request for each reason; the status is that of the design's table.
pub(crate) fn refused() -> [(RefusedReason, u16, Value); 10] {
    let mut elsewhere = good_request();
    elsewhere["linkedHubs"] = json!(["old.azure-devices.net", "other.azure-devices.net"]);
    let mut unsold = request("sold", Value::Null);
    unsold["deviceRuntimeContext"]["registrationId"] = json!("pump-2");
    [
        (
            RefusedReason::MalformedRequest,
            400,
            json!({"linkedHubs": []}),
        ),
        (
            RefusedReason::ClaimRefused,
            403,
            request("claims", json!({"tenant": "idle"})),
        ),
        (
            RefusedReason::UnknownEnrollment,
            404,
            request("nobody", Value::Null),
        ),
        (
            RefusedReason::UnknownTenant,
            404,
            request("any", json!({"tenant": "nobody"})),
        ),
        (RefusedReason::NoEligibleHub, 409, elsewhere),
        (
            RefusedReason::TenantSuspended,
            410,
            request("idle", Value::Null),
        ),
        (
            RefusedReason::ClaimMissing,
            422,
            request("claims", Value::Null),
        ),
        (
            RefusedReason::TwinInvalid,
            422,
            request("twins", json!({"site": "x".repeat(9000)})),
        ),
        (
            RefusedReason::RefusedByRule,
            423,
            request("acme", json!({"model": "recalled"})),
        ),
        (RefusedReason::UnknownDevice, 424, unsold),
    ]
}

#[tokio::test]
async fn every_reason_has_its_status() {
    let webhook = Webhook::started().await;
    let cases = refused();
    assert_eq!(
        cases.each_ref().map(|(reason, ..)| *reason).as_slice(),
        RefusedReason::all().collect::<Vec<_>>()
    );
    for (reason, status, request) in cases {
        webhook
            .allocate(&request)
            .await
            .assert_problem(status, reason.as_str());
    }
}

#[tokio::test]
async fn a_device_with_its_row_is_assigned() {
    let answer = Webhook::started()
        .await
        .allocate(&request("sold", Value::Null))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn explain_tells_why_and_refuses_nobody() {
    let webhook = Webhook::started().await;
    let explained = webhook
        .post("/api/explain", good_request().to_string())
        .await;
    assert_eq!(explained.status, 200);
    assert_eq!(explained.header("content-type"), "application/json");
    let allocated = webhook.allocate(&good_request()).await;
    let revision = "dps-policy-revision";
    assert_eq!(explained.header(revision), allocated.header(revision));
    assert_eq!(explained.json()["response"], allocated.json());
    assert_eq!(explained.json()["reason"], allocated.header("dps-reason"));
    assert!(
        explained.text.contains("\n  ") && explained.text.ends_with("}\n"),
        "for people to read: {}",
        explained.text
    );

    let (reason, _, suspended) = &refused()[5];
    let explained = webhook.post("/api/explain", suspended.to_string()).await;
    assert_eq!(explained.status, 200);
    assert_eq!(explained.json()["outcome"], "refused");
    assert_eq!(explained.json()["reason"], reason.as_str());

    webhook
        .post("/api/explain", "{}")
        .await
        .assert_problem(400, "malformedRequest");
}

#[tokio::test]
async fn a_problem_carries_the_invocation_id_of_the_functions_host() {
    let webhook = Webhook::started().await;
    let id = "4a0c4f3e-8a6e-4d0c-9f44-0d6f3c8f2b11";
    let builder = Request::post("/api/allocate").header("X-Azure-Functions-InvocationId", id);
    let answer = webhook.send(builder.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.json()["decisionId"], id);
}

#[tokio::test]
async fn without_a_policy_dps_is_asked_to_come_again() {
    let mut webhook = Webhook::new();
    std::fs::remove_file(webhook.folder.path().join("hubs.csv")).unwrap();
    webhook.refresh.poll().await;
    webhook
        .allocate(&good_request())
        .await
        .assert_problem(503, "noPolicy");
    let explained = webhook
        .post("/api/explain", good_request().to_string())
        .await;
    explained.assert_problem(503, "noPolicy");
}

#[tokio::test(start_paused = true)]
async fn before_the_first_poll_has_ended_a_request_waits_for_it() {
    let mut webhook = Webhook::new();
    let started = tokio::time::Instant::now();
    webhook
        .allocate(&good_request())
        .await
        .assert_problem(503, "noPolicy");
    assert_eq!(started.elapsed().as_secs(), 2, "waited until its deadline");

    let endpoints = webhook.endpoints.clone();
    let waiting = Webhook {
        endpoints,
        ..Webhook::new()
    };
    let request = good_request();
    let (answer, ()) = tokio::join!(waiting.allocate(&request), async {
        tokio::task::yield_now().await;
        webhook.refresh.poll().await;
    });
    assert_eq!(answer.status, 200, "{}", answer.text);
}
