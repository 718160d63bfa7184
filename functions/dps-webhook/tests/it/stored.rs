//! A start while the tables are not a policy goes on with what the store has kept.

use dps_allocation::tables::TableName;
use serde_json::Value;

use crate::tables::Cloud;
use crate::webhook::{Webhook, good_request};

const HUB: (&str, &str) = ("hub", "neu.azure-devices.net");

async fn polled(cloud: &Cloud) -> Webhook {
    let mut webhook = cloud.webhook();
    webhook.refresh.poll().await;
    webhook
}

async fn revision(webhook: &Webhook) -> String {
    let answer = webhook.allocate(&good_request()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.header("dps-policy-revision").to_owned()
}

#[tokio::test]
async fn a_start_with_invalid_tables_uses_the_newest_stored_revision() {
    let cloud = Cloud::new().await;
    cloud.edit(TableName::Hubs, HUB, &[("weight", "6")]).await;
    let before = revision(&polled(&cloud).await).await;
    cloud
        .edit(TableName::Hubs, HUB, &[("weight", "much")])
        .await;
    let mut webhook = polled(&cloud).await;
    assert_eq!(revision(&webhook).await, before);
    let health = webhook.get("/api/health").await;
    assert_eq!(
        (health.status, &health.json()["status"]),
        (200, &"stale".into())
    );
    let policy = webhook.get("/api/policy").await.json();
    assert_eq!(
        policy["lastRefused"]["findings"][0]["column"], "weight",
        "{policy}"
    );
    cloud.edit(TableName::Hubs, HUB, &[("weight", "7")]).await;
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    assert_ne!(revision(&webhook).await, before);
    assert_eq!(webhook.get("/api/health").await.json()["status"], "ok");
}

#[tokio::test]
async fn a_row_that_marks_no_push_stops_nobody() {
    let cloud = Cloud::new().await;
    cloud
        .add_revision_row(("push", "note"), &[("text", "hello")])
        .await;
    cloud.add_revision_row(("push", "current"), &[]).await;
    let mut webhook = polled(&cloud).await;
    let first = revision(&webhook).await;
    let policy = webhook.get("/api/policy").await.json();
    assert_eq!(policy["pushUnderWay"], Value::Null, "{policy}");
    let warnings = policy["warnings"].to_string();
    for row in ["`push/note`", "`push/current`"] {
        assert!(warnings.contains(row), "{warnings}");
    }
    assert_eq!(webhook.get("/api/health").await.json()["status"], "ok");
    cloud.edit(TableName::Hubs, HUB, &[("weight", "5")]).await;
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    assert_ne!(revision(&webhook).await, first, "edits are still installed");
}
