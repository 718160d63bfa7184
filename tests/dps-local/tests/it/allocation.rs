//! The allocation policies beside custom.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{EAST, Service, WEST};

const ASIA: &str = "contoso-sea-1.device.azure-devices.net";

async fn hub_of(service: &Service, id: &str) -> String {
    let ended = service.device(id).register().await;
    let hub = &ended["registrationState"]["assignedHub"];
    hub.as_str().unwrap_or_else(|| panic!("{ended}")).to_owned()
}

async fn spread(service: &Service, devices: u32) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for number in 0..devices {
        *counts
            .entry(hub_of(service, &format!("dev-{number}")).await)
            .or_default() += 1;
    }
    counts
}

async fn link(service: &Service, name: &str, members: Value) {
    let mut hub = members;
    hub["name"] = json!(name);
    service
        .operator
        .put(&format!("linkedHubs/{name}"), hub)
        .await;
}

#[tokio::test]
async fn evenly_weighted_follows_the_weights() {
    let service = Service::start().await;
    link(&service, WEST, json!({ "allocationWeight": 3 })).await;
    service
        .operator
        .group(json!({ "allocationPolicy": "hashed" }))
        .await;
    let counts = spread(&service, 60).await;
    // 45 are expected; 1 in 100,000 spreads is beyond.
    assert!((30..=58).contains(&counts[WEST]), "{counts:?}");
    assert_eq!(
        spread(&service, 60).await,
        counts,
        "a device that registers again stays"
    );
}

#[tokio::test]
async fn a_hub_without_the_policy_gets_devices_only_by_name() {
    let service = Service::start().await;
    link(&service, WEST, json!({ "applyAllocationPolicy": false })).await;
    service
        .operator
        .group(json!({ "allocationPolicy": "hashed" }))
        .await;
    assert_eq!(
        spread(&service, 10).await.into_keys().collect::<Vec<_>>(),
        [EAST]
    );
    service
        .operator
        .group(json!({ "allocationPolicy": "hashed", "iotHubs": [WEST] }))
        .await;
    assert_eq!(hub_of(&service, "dev-new").await, WEST);
}

#[tokio::test]
async fn lowest_latency_follows_the_table() {
    let service = Service::start().await;
    link(
        &service,
        WEST,
        json!({ "latencyMilliseconds": { "": 90, "eu-": 10 } }),
    )
    .await;
    link(
        &service,
        EAST,
        json!({ "latencyMilliseconds": { "": 50, "eu-": 80, "eu-x": 5 } }),
    )
    .await;
    service
        .operator
        .group(json!({ "allocationPolicy": "geoLatency" }))
        .await;
    for (id, hub) in [
        ("us-1", EAST),
        ("eu-1", WEST),
        ("EU-2", WEST),
        ("eu-x1", EAST),
    ] {
        assert_eq!(hub_of(&service, id).await, hub, "{id}");
    }
}

#[tokio::test]
async fn lowest_latency_without_a_row_is_as_evenly_weighted() {
    let service = Service::start().await;
    service
        .operator
        .group(json!({ "allocationPolicy": "geoLatency" }))
        .await;
    assert_eq!(spread(&service, 40).await.len(), 2);
}

#[tokio::test]
async fn a_static_hub_is_the_one_that_is_named() {
    let service = Service::start().await;
    link(&service, ASIA, json!({})).await;
    for members in [
        json!({ "iotHubs": [ASIA] }),
        json!({ "iotHubHostName": "contoso-sea-1.azure-devices.net" }),
    ] {
        let mut members = members;
        members["allocationPolicy"] = json!("static");
        service.operator.group(members).await;
        assert_eq!(hub_of(&service, "dev-1").await, ASIA);
    }
}

#[tokio::test]
async fn without_a_linked_hub_it_fails() {
    let service = Service::start().await;
    for policy in ["hashed", "geoLatency"] {
        service
            .operator
            .group(json!({ "allocationPolicy": policy }))
            .await;
        for hub in [WEST, EAST] {
            service.operator.delete(&format!("linkedHubs/{hub}")).await;
        }
        let ended = service.device("dev-1").register().await;
        assert_eq!(ended["status"], "failed", "{policy}");
    }
}

#[tokio::test]
async fn an_individual_enrollment_comes_before_its_group() {
    let service = Service::start().await;
    service.operator.group_on(WEST).await;
    let enrollment = json!({
        "registrationId": "dev-1",
        "deviceId": "Pump+1",
        "attestation": { "type": "symmetricKey", "symmetricKey": { "primaryKey": crate::harness::OTHER_KEY } },
        "allocationPolicy": "static",
        "iotHubs": [EAST],
        "initialTwin": { "tags": { "site": 1 } },
        "capabilities": { "iotEdge": true },
    });
    service.operator.put("enrollments/dev-1", enrollment).await;
    assert_eq!(
        service.device("dev-1").register_with("{}").await.code(),
        (401, Some(401_002))
    );
    let key = crate::harness::key(crate::harness::OTHER_KEY);
    let ended = service.device_with_key("dev-1", &key).register().await;
    let state = &ended["registrationState"];
    assert_eq!(
        (&state["assignedHub"], &state["deviceId"]),
        (&json!(EAST), &json!("Pump+1"))
    );
    assert_eq!(state["symmetricKey"], json!({}));
    let twin = service.operator.twin(EAST, "Pump+1").await.body;
    assert_eq!(twin["tags"], json!({ "site": 1 }));
    assert_eq!(twin["capabilities"], json!({ "iotEdge": true }));
}
