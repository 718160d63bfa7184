//! Hubs without a row that devices keep: counted, named, and logged once.

use std::fs;

use serde_json::{Value, json};

use crate::webhook::{Webhook, Written, good_request};

/// A device on a hub that DPS links and the tables do not know.
fn on(hub: &str) -> Value {
    let mut request = good_request();
    request["deviceRuntimeContext"]["currentIotHubHostName"] = json!(hub);
    request["linkedHubs"] = json!(["Weu.azure-devices.net", hub]);
    request
}

#[tokio::test]
async fn they_are_counted_and_named_until_they_have_a_row() {
    let (log, _guard) = Written::log();
    let mut webhook = Webhook::started().await;
    assert_eq!(
        webhook.get("/api/health").await.json()["stayUnlisted"],
        Value::Null
    );
    assert_eq!(
        webhook.get("/api/policy").await.json()["unlistedHubs"],
        Value::Null
    );
    for hub in [
        "lone.azure-devices.net",
        "Lone.device.azure-devices.net",
        "zoo.net",
    ] {
        let answer = webhook.allocate(&on(hub)).await;
        assert_eq!(answer.json()["iotHubHostName"], hub);
        assert_eq!(answer.header("dps-reason"), "stayUnlisted");
    }
    webhook.allocate(&good_request()).await;
    assert_eq!(webhook.get("/api/health").await.json()["stayUnlisted"], 3);
    assert!(!webhook.get("/api/health").await.text.contains("lone"));
    let named = json!({"lone.azure-devices.net": 2, "zoo.net": 1});
    assert_eq!(
        webhook.get("/api/policy").await.json()["unlistedHubs"],
        named
    );
    let text = log.text();
    let count = text.matches("devices keep a hub that has no row").count();
    assert_eq!(count, 2, "{text}");

    let hubs = webhook.folder.path().join("hubs.csv");
    let rows = fs::read_to_string(&hubs).unwrap();
    fs::write(&hubs, format!("{rows}hub,lone.azure-devices.net,,,\n")).unwrap();
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    let policy = webhook.get("/api/policy").await.json();
    assert_eq!(policy["unlistedHubs"], json!({"zoo.net": 1}), "{policy}");
    assert_eq!(webhook.get("/api/health").await.json()["stayUnlisted"], 3);
    let answer = webhook.allocate(&on("lone.azure-devices.net")).await;
    assert_eq!(answer.header("dps-reason"), "stay");
}
