//! Config tables in Azure: edits, errors, outages; requests are answered all the while.

use azurite::Fault;
use dps_allocation::tables::TableName;
use dps_policy_store::Revisions;
use serde_json::{Value, json};

use crate::tables::Cloud;
use crate::webhook::{Webhook, Written, good_request};

const HUB: (&str, &str) = ("hub", "neu.azure-devices.net");

async fn policy(webhook: &Webhook) -> Value {
    webhook.get("/api/policy").await.json()
}

async fn deciding(webhook: &Webhook) -> String {
    let answer = webhook.allocate(&good_request()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.header("dps-policy-revision").to_owned()
}

async fn started(cloud: &Cloud) -> Webhook {
    let mut webhook = cloud.webhook();
    webhook.refresh.poll().await;
    webhook
}

#[tokio::test]
async fn the_tables_in_azure_decide_as_the_folder_does() {
    let cloud = Cloud::new().await;
    let azure = started(&cloud).await;
    let folder = Webhook::started().await;
    assert_eq!(deciding(&azure).await, deciding(&folder).await);
    let tables = policy(&azure).await["tables"].clone();
    assert_eq!(
        (&tables["hubs"], &tables["devices"]),
        (&json!(3), &json!(0))
    );
}

#[tokio::test]
async fn an_edited_row_is_in_use_after_two_polls() {
    let cloud = Cloud::new().await;
    let mut webhook = started(&cloud).await;
    let first = deciding(&webhook).await;
    cloud.edit(TableName::Hubs, HUB, &[("weight", "5")]).await;
    webhook.refresh.poll().await;
    assert_eq!(
        deciding(&webhook).await,
        first,
        "a person may still be editing"
    );
    webhook.refresh.poll().await;
    assert_ne!(deciding(&webhook).await, first);
}

#[tokio::test]
async fn a_broken_row_is_shown_while_allocations_go_on() {
    let cloud = Cloud::new().await;
    let mut webhook = started(&cloud).await;
    let first = deciding(&webhook).await;
    cloud
        .edit(TableName::Hubs, HUB, &[("weight", "much")])
        .await;
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    assert_eq!(deciding(&webhook).await, first);
    let finding = policy(&webhook).await["lastRefused"]["findings"][0].clone();
    assert_eq!(finding["row"], "hub/neu.azure-devices.net", "{finding}");
    assert_eq!(finding["column"], "weight", "{finding}");
    assert!(
        finding["rule"].as_str().unwrap().contains("`much`"),
        "{finding}"
    );
}

#[tokio::test]
async fn an_outage_fails_no_request_and_ends_by_itself() {
    let cloud = Cloud::new().await;
    let mut webhook = started(&cloud).await;
    let first = deciding(&webhook).await;
    cloud.proxy.set(Fault::Refuse);
    webhook.refresh.poll().await;
    assert_eq!(deciding(&webhook).await, first);
    let away = policy(&webhook).await;
    let error = away["unreadable"]["error"].as_str().unwrap();
    assert!(error.contains("cannot be reached"), "{error}");
    assert_eq!(webhook.get("/api/health").await.json()["status"], "stale");
    cloud.edit(TableName::Hubs, HUB, &[("weight", "7")]).await;
    cloud.proxy.set(Fault::None);
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    assert_ne!(deciding(&webhook).await, first);
    assert_eq!(policy(&webhook).await["unreadable"], Value::Null);
}

#[tokio::test]
async fn a_read_that_breaks_in_the_middle_is_no_policy() {
    let cloud = Cloud::new().await;
    let mut webhook = started(&cloud).await;
    let first = deciding(&webhook).await;
    cloud
        .edit(TableName::Hubs, HUB, &[("state", "closed")])
        .await;
    for table in ["Hubs", "Tenants", "Rules", "Revisions"] {
        let broken = Fault::InternalError { times: u32::MAX };
        cloud
            .proxy
            .set(Fault::OnlyTo(table.to_owned(), Box::new(broken)));
        webhook.refresh.poll().await;
        webhook.refresh.poll().await;
        assert_eq!(deciding(&webhook).await, first, "{table}");
    }
}

#[tokio::test]
async fn tables_are_created_only_when_told_to() {
    let cloud = Cloud::empty();
    let mut webhook = cloud.webhook();
    webhook.refresh.poll().await;
    let error = policy(&webhook).await["unreadable"]["error"].clone();
    assert!(error.as_str().unwrap().contains("has no table"), "{error}");
    assert_eq!(webhook.get("/api/health").await.status, 503);

    webhook.refresh = webhook.refresh.creating_tables(true);
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    let refused = policy(&webhook).await["lastRefused"]["findings"].clone();
    let rules: Vec<&str> = refused
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"there is no tenant"), "{rules:?}");
}

#[tokio::test]
async fn every_policy_that_was_installed_can_be_read_later() {
    let cloud = Cloud::new().await;
    let mut webhooks = [started(&cloud).await, started(&cloud).await];
    cloud.edit(TableName::Hubs, HUB, &[("weight", "9")]).await;
    let mut deciding_now = Vec::new();
    for webhook in &mut webhooks {
        webhook.refresh.poll().await;
        webhook.refresh.poll().await;
        deciding_now.push(deciding(webhook).await);
    }
    let history = Revisions::of(&cloud.direct).history().await.unwrap();
    let kept: Vec<String> = history.iter().map(|it| it.revision.to_string()).collect();
    assert_eq!(kept.len(), 2, "one was pushed, one edited: {kept:?}");
    assert_eq!(deciding_now, [kept[1].clone(), kept[1].clone()]);
    assert_eq!(history[0].pushes.len(), 1);
    assert!(history[1].pushes.is_empty(), "edited by hand");
}

#[tokio::test]
async fn who_may_only_read_still_takes_policies() {
    let cloud = Cloud::new().await;
    let forbidden = Box::new(Fault::Forbidden { times: u32::MAX });
    cloud
        .proxy
        .set(Fault::OnlyTo("POST ".to_owned(), forbidden));
    cloud.edit(TableName::Hubs, HUB, &[("weight", "4")]).await;
    let webhook = started(&cloud).await;
    deciding(&webhook).await;
    assert_eq!(policy(&webhook).await["stale"], false);
}

#[tokio::test]
async fn half_a_push_is_never_taken() {
    let cloud = Cloud::new().await;
    let mut webhook = started(&cloud).await;
    let first = deciding(&webhook).await;
    let (log, _guard) = Written::log();
    // As a push that was interrupted leaves things.
    cloud.mark_push("interrupted").await;
    cloud.edit(TableName::Hubs, HUB, &[("weight", "3")]).await;
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    assert_eq!(deciding(&webhook).await, first);
    let policy = policy(&webhook).await;
    assert_eq!(policy["lastRefused"], Value::Null, "{policy}");
    assert_eq!(policy["pushUnderWay"]["author"], "interrupted", "{policy}");
    assert_eq!(policy["pushUnderWay"]["overdue"], false, "{policy}");
    assert!(!log.text().contains("ERROR"), "{}", log.text());
}
