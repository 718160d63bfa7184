//! Entities as other tools write them: posted as JSON, one a request, with a signature (SAS).

use std::time::Duration;

use azurite::{ACCOUNT, SAS};
use dps_policy_store::azure::Key;

fn client() -> reqwest::Client {
    // The client under test does the same; whoever is second finds it done.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(Duration::from_mins(2))
        .build()
        .unwrap()
}

pub(super) async fn insert(table: &str, entity: &str) {
    let port = azurite::shared().port();
    let url = format!("http://127.0.0.1:{port}/{ACCOUNT}/{table}?{SAS}");
    let request = client()
        .post(url)
        .header("content-type", "application/json");
    let answer = request
        .header("accept", "application/json")
        .body(entity.to_owned());
    let answer = answer.send().await.unwrap();
    assert!(
        answer.status().is_success(),
        "{}",
        answer.text().await.unwrap()
    );
}

pub(super) async fn replace(table: &str, key: &Key, entity: &str) {
    let port = azurite::shared().port();
    let Key { partition, row } = key;
    let keys = format!("PartitionKey='{partition}',RowKey='{row}'");
    let url = format!("http://127.0.0.1:{port}/{ACCOUNT}/{table}({keys})?{SAS}");
    let request = client().put(url).header("content-type", "application/json");
    let request = request
        .header("if-match", "*")
        .header("accept", "application/json");
    let answer = request.body(entity.to_owned()).send().await.unwrap();
    assert!(
        answer.status().is_success(),
        "{}",
        answer.text().await.unwrap()
    );
}
