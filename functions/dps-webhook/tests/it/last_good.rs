//! A start while the tables cannot be had goes on with the last good policy.

use std::fs;
use std::path::Path;

use axum::http::Request;
use azurite::Fault;
use dps_allocation::tables::TableName;
use tempfile::TempDir;

use crate::tables::Cloud;
use crate::webhook::{Answer, Webhook, good_request};

async fn polled(mut webhook: Webhook) -> Webhook {
    webhook.refresh.poll().await;
    webhook
}

/// The revision of a webhook that has run once, and its file.
async fn run_once(cloud: &Cloud, folder: &Path) -> String {
    let webhook = polled(cloud.webhook_keeping(folder.to_owned())).await;
    revision(&webhook).await
}

async fn revision(webhook: &Webhook) -> String {
    let answer = webhook.allocate(&good_request()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.header("dps-policy-revision").to_owned()
}

async fn no_policy(webhook: &Webhook) {
    webhook
        .allocate(&good_request())
        .await
        .assert_problem(503, "noPolicy");
}

#[tokio::test]
async fn a_start_without_the_store_serves_it_and_says_so() {
    let (cloud, folder) = (Cloud::new().await, TempDir::new().unwrap());
    let before = run_once(&cloud, folder.path()).await;
    cloud.proxy.set(Fault::Refuse);
    let mut webhook = polled(cloud.webhook_keeping(folder.path().to_owned())).await;
    assert_eq!(revision(&webhook).await, before);
    let health = webhook.get("/api/health").await;
    assert_eq!(health.status, 200);
    assert_eq!(health.json()["status"], "stale");
    assert!(
        health.json()["ageSeconds"].as_i64().is_some(),
        "{}",
        health.text
    );
    let policy = webhook.get("/api/policy").await.json();
    assert!(policy["lastGoodSaved"].is_string(), "{policy}");

    cloud.proxy.set(Fault::None);
    webhook.refresh.poll().await;
    assert_eq!(webhook.get("/api/health").await.json()["status"], "ok");
    let policy = webhook.get("/api/policy").await.json();
    assert!(policy["lastGoodSaved"].is_null(), "{policy}");
}

#[tokio::test]
async fn a_start_does_not_wait_until_silent_tables_are_given_up() {
    let (cloud, folder) = (Cloud::new().await, TempDir::new().unwrap());
    let before = run_once(&cloud, folder.path()).await;
    cloud.proxy.set(Fault::BlackHole);
    let webhook = cloud.webhook_keeping(folder.path().to_owned());
    let answer = answered_before_the_poll_ends(webhook).await;
    assert_eq!(answer.header("dps-policy-revision"), before);
}

/// The answer to the first request of a start whose first poll does not end.
async fn answered_before_the_poll_ends(webhook: Webhook) -> Answer {
    let Webhook {
        mut refresh,
        endpoints,
        folder: _tables,
        ..
    } = webhook;
    let request = Request::post("/api/allocate").body(good_request().to_string().into());
    tokio::select! {
        () = refresh.poll() => panic!("the poll is over, and nothing was answered"),
        answer = Answer::of(&endpoints, request.unwrap()) => answer,
    }
}

/// Small questions are answered: only the pages with all columns do not come.
#[tokio::test]
async fn a_start_does_not_wait_for_a_page_that_hangs() {
    let (cloud, folder) = (Cloud::new().await, TempDir::new().unwrap());
    let before = run_once(&cloud, folder.path()).await;
    for fault in [Fault::BlackHole, Fault::StallAfter(10)] {
        cloud
            .proxy
            .set(Fault::OnlyTo("Hubs() ".to_owned(), Box::new(fault)));
        let webhook = cloud.webhook_keeping(folder.path().to_owned());
        let answer = answered_before_the_poll_ends(webhook).await;
        assert_eq!(
            answer.header("dps-policy-revision"),
            before,
            "{}",
            answer.text
        );
    }
}

/// The policy is in use; that it cannot be kept is nothing that a device should wait for.
#[tokio::test]
async fn requests_do_not_wait_until_a_policy_is_stored() {
    let (cloud, folder) = (Cloud::new().await, TempDir::new().unwrap());
    let hub = ("hub", "neu.azure-devices.net");
    cloud.edit(TableName::Hubs, hub, &[("weight", "5")]).await;
    let no_writes = Fault::OnlyTo("POST ".to_owned(), Box::new(Fault::BlackHole));
    cloud.proxy.set(no_writes);
    let answer = answered_before_the_poll_ends(cloud.webhook_keeping(folder.path().to_owned()));
    assert_eq!(answer.await.status, 200);
}

#[tokio::test]
async fn a_start_with_broken_tables_serves_it_too() {
    let (cloud, folder) = (Cloud::new().await, TempDir::new().unwrap());
    let before = run_once(&cloud, folder.path()).await;
    let row = ("tenant", "acme");
    cloud
        .edit(TableName::Tenants, row, &[("state", "sleepy")])
        .await;
    let webhook = polled(cloud.webhook_keeping(folder.path().to_owned())).await;
    assert_eq!(revision(&webhook).await, before);
    let policy = webhook.get("/api/policy").await.json();
    assert_eq!(
        policy["lastRefused"]["findings"][0]["column"], "state",
        "{policy}"
    );
}

#[tokio::test]
async fn a_corrupt_file_is_ignored() {
    let (cloud, folder) = (Cloud::new().await, TempDir::new().unwrap());
    run_once(&cloud, folder.path()).await;
    let file = folder.path().join("last-good.policy");
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(&file, bytes).unwrap();
    cloud.proxy.set(Fault::Refuse);
    let mut webhook = polled(cloud.webhook_keeping(folder.path().to_owned())).await;
    no_policy(&webhook).await;
    cloud.proxy.set(Fault::None);
    webhook.refresh.poll().await;
    revision(&webhook).await;
}

#[tokio::test]
async fn the_file_of_another_store_is_ignored() {
    let (cloud, folder) = (Cloud::new().await, TempDir::new().unwrap());
    run_once(&cloud, folder.path()).await;
    let other = Cloud::empty();
    no_policy(&polled(other.webhook_keeping(folder.path().to_owned())).await).await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_costs_nothing_else() {
    let (cloud, folder) = (Cloud::new().await, TempDir::new().unwrap());
    let file = folder.path().join("in the way");
    fs::write(&file, "").unwrap();
    run_once(&cloud, &file).await;
}
