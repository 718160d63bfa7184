//! Looks at the tables while a request waits, as on AWS Lambda.

use std::fs;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use azurite::Fault;
use dps_allocation::tables::TableName;
use dps_policy_store::{CsvFolder, PolicyStore, Revisions};
use dps_webhook::{Endpoints, Lines, PollsOnDemand};
use serde_json::Value;

use crate::tables::Cloud;
use crate::webhook::{Answer, TABLES, Webhook, app, good_request};

/// Each request polls the tables.
const ALWAYS: Duration = Duration::ZERO;
/// Only the first one has.
const ONCE: Duration = Duration::from_hours(1);

fn on_demand(store: &PolicyStore, every: Duration) -> Endpoints {
    let lines = Lines::to(Vec::new());
    let (mut app, refresh) = app(store, &lines);
    app.polls = Some(PollsOnDemand::new(refresh, every));
    Endpoints::new(app, None)
}

async fn allocate(endpoints: &Endpoints) -> Answer {
    let body = Body::from(good_request().to_string());
    Answer::of(
        endpoints,
        Request::post("/api/allocate").body(body).unwrap(),
    )
    .await
}

/// The revision that decides.
async fn deciding(endpoints: &Endpoints) -> String {
    let answer = allocate(endpoints).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.header("dps-policy-revision").to_owned()
}

async fn get(endpoints: &Endpoints, path: &str) -> Answer {
    Answer::of(endpoints, Request::get(path).body(Body::empty()).unwrap()).await
}

async fn policy(endpoints: &Endpoints) -> Value {
    get(endpoints, "/api/policy").await.json()
}

/// A row that was read once, and a request whose answer needs nothing but the policy.
#[tokio::test]
async fn no_request_waits_until_a_policy_is_stored() {
    let cloud = Cloud::new().await;
    let hub = ("hub", "neu.azure-devices.net");
    cloud.edit(TableName::Hubs, hub, &[("weight", "5")]).await;
    let no_writes = Fault::OnlyTo("POST ".to_owned(), Box::new(Fault::BlackHole));
    cloud.proxy.set(no_writes);
    let endpoints = on_demand(&cloud.store(), ONCE);
    let first = deciding(&endpoints).await;
    let kept = Revisions::of(&cloud.direct).history().await.unwrap();
    let kept: Vec<String> = kept.iter().map(|it| it.revision.to_string()).collect();
    assert!(
        !kept.contains(&first),
        "answered before it is kept: {kept:?}"
    );
}

/// Tables in a folder, to be edited.
fn folder() -> (Webhook, PolicyStore) {
    let webhook = Webhook::new();
    let store = PolicyStore::Csv(CsvFolder::new(webhook.folder.path()));
    (webhook, store)
}

fn edit(webhook: &Webhook) {
    webhook.write("hubs.csv", &TABLES[0].1.replace("EU,,1", "EU,,5"));
}

#[tokio::test]
async fn the_first_request_waits_for_the_policy() {
    let (_folder, store) = folder();
    assert_eq!(allocate(&on_demand(&store, ONCE)).await.status, 200);
}

#[tokio::test]
async fn an_edit_is_installed_by_the_second_request() {
    let (folder, store) = folder();
    let endpoints = on_demand(&store, ALWAYS);
    let first = deciding(&endpoints).await;
    edit(&folder);
    assert_eq!(deciding(&endpoints).await, first, "may be half an edit");
    let second = deciding(&endpoints).await;
    assert_ne!(second, first);
    assert_eq!(policy(&endpoints).await["revision"], second);
}

#[tokio::test]
async fn no_poll_comes_before_it_is_due() {
    let (folder, store) = folder();
    let endpoints = on_demand(&store, ONCE);
    let first = deciding(&endpoints).await;
    edit(&folder);
    for _ in 0..5 {
        assert_eq!(deciding(&endpoints).await, first);
    }
}

#[tokio::test]
async fn health_reads_no_tables() {
    let (_folder, store) = folder();
    let endpoints = on_demand(&store, ALWAYS);
    assert_eq!(get(&endpoints, "/api/health").await.status, 503);
    assert_eq!(policy(&endpoints).await["stale"], false);
    assert_eq!(get(&endpoints, "/api/health").await.status, 200);
}

#[tokio::test]
async fn a_store_that_does_not_answer_leaves_the_policy_in_use() {
    let cloud = Cloud::new().await;
    let endpoints = on_demand(&cloud.store(), ALWAYS);
    let first = deciding(&endpoints).await;
    cloud.proxy.set(Fault::BlackHole);
    assert_eq!(deciding(&endpoints).await, first);
    let pending = policy(&endpoints).await;
    assert_eq!(
        pending["unreadable"],
        Value::Null,
        "answered before the poll has ended"
    );
}

/// Two policies whose revisions have the same first 12 digits: see `alike` of the store's tests.
#[tokio::test]
async fn a_policy_with_the_same_first_digits_is_another() {
    let (folder, store) = folder();
    for (name, _) in TABLES {
        fs::remove_file(folder.folder.path().join(name)).unwrap();
    }
    folder.write("hubs.csv", "PartitionKey,RowKey\nhub,a.azure-devices.net\n");
    let enrollment = "PartitionKey,RowKey,tenants\nenrollment,group,acme\n";
    folder.write("enrollments.csv", enrollment);
    let endpoints = on_demand(&store, ALWAYS);
    let mut shown = Vec::new();
    for salt in ["0000024c427e", "000001c7222b"] {
        let tenant = format!("PartitionKey,RowKey,salt\ntenant,acme,{salt}\n");
        folder.write("tenants.csv", &tenant);
        allocate(&endpoints).await;
        allocate(&endpoints).await;
        let health = get(&endpoints, "/api/health").await.json();
        let revision = health["revision"].as_str().unwrap().to_owned();
        assert_eq!(policy(&endpoints).await["revision"], revision);
        shown.push(revision);
    }
    assert_eq!(shown[0][..12], shown[1][..12]);
    assert_ne!(shown[0], shown[1]);
}
