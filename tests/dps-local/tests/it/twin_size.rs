//! How large a twin may be: 8 KB of tags, 32 KB of desired and of reported properties.

use reqwest::Method;
use rmqtt_codec::v3::QoS;
use serde_json::{Value, json};

use crate::harness::{Service, WEST};
use crate::mqtt::on_hub;

/// A member `a` that makes a part so large.
fn sized(bytes: usize) -> Value {
    json!({ "a": "x".repeat(bytes - 1) })
}

async fn service(twin: Value) -> Service {
    let service = Service::start().await;
    let members = json!({ "allocationPolicy": "static", "iotHubs": [WEST], "initialTwin": twin });
    service.operator.group(members).await;
    service
}

fn twin(tags: usize, desired: usize) -> Value {
    json!({ "tags": sized(tags), "properties": { "desired": sized(desired) } })
}

#[tokio::test]
async fn a_device_with_a_larger_initial_twin_is_not_assigned() {
    let check = async |initial: Value, status: &str, what: &str| {
        let service = service(initial).await;
        let ended = service.device("dev-1").register().await;
        assert_eq!(ended["status"], status, "{what}: {ended}");
        let exists = service.operator.twin(WEST, "dev-1").await.status == 200;
        assert_eq!(exists, status == "assigned", "{what}");
        ended
    };
    check(twin(8192, 32768), "assigned", "as large as it may be").await;
    check(twin(8192, 32769), "failed", "desired properties").await;
    let ended = check(twin(8193, 32768), "failed", "tags").await;
    let message = "Initial twin: the tags have 8193 bytes, and may have 8192.";
    assert_eq!(ended["registrationState"]["errorMessage"], message);
}

#[tokio::test]
async fn a_device_keeps_its_hub_and_twin_if_the_next_initial_twin_is_too_large() {
    let service = service(twin(2, 2)).await;
    service.device("dev-1").register().await;
    let before = service.operator.twin(WEST, "dev-1").await.body;
    let policy = json!({ "updateHubAssignment": true, "migrateDeviceData": false });
    let moved = json!({
        "allocationPolicy": "static", "iotHubs": [crate::harness::EAST],
        "reprovisionPolicy": policy, "initialTwin": twin(9000, 2),
    });
    service.operator.group(moved).await;
    let ended = service.device("dev-1").register().await;
    assert_eq!(ended["status"], "failed", "{ended}");
    assert_eq!(service.operator.twin(WEST, "dev-1").await.body, before);
}

#[tokio::test]
async fn numbers_have_8_bytes_booleans_4_and_names_count() {
    // 8192 with the names: 4 + 8, 4 + 4, and 4 and the text.
    let exact = json!({ "tags": { "numb": 1, "bool": true, "text": "x".repeat(8192 - 24) } });
    let service = service(exact).await;
    assert_eq!(
        service.device("dev-1").register().await["status"],
        "assigned"
    );
    let path = "twins/dev-1";
    let more = json!({ "tags": { "list": [false] } });
    let reply = service.operator.hub(WEST, Method::PATCH, path, more).await;
    assert_eq!(reply.code(), (413, Some(413_000)));
}

#[tokio::test]
async fn patches_that_make_a_twin_too_large_change_nothing() {
    let service = service(twin(100, 100)).await;
    service.device("dev-1").register().await;
    let path = "twins/dev-1";
    let before = service.operator.twin(WEST, "dev-1").await.body;
    for patch in [twin(8193, 100), twin(100, 32769)] {
        let reply = service.operator.hub(WEST, Method::PATCH, path, patch).await;
        assert_eq!(reply.code(), (413, Some(413_000)));
        assert_eq!(service.operator.twin(WEST, "dev-1").await.body, before);
    }
    let mut mqtt = on_hub(&service, "dev-1", WEST).await;
    mqtt.subscribe("$iothub/twin/res/#").await;
    for (bytes, status) in [(32769, "413"), (32768, "204")] {
        let topic = "$iothub/twin/PATCH/properties/reported/?$rid=1";
        mqtt.publish(topic, sized(bytes).to_string(), QoS::AtMostOnce)
            .await;
        let (topic, _) = mqtt.message().await;
        assert!(
            topic.starts_with(&format!("$iothub/twin/res/{status}/?$rid=1")),
            "{topic}"
        );
    }
}
