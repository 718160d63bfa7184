//! Registering again, under each re-provisioning policy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{EAST, Service, WEST, Webhook};

/// What a device sees after its webhook has moved it from [`WEST`] to [`EAST`], or not.
struct Again {
    substatus: &'static str,
    hub: &'static str,
    /// Where its tags are from: of the first, or of the second answer.
    tags: &'static str,
    linked: &'static [&'static str],
}

async fn check(policy: Value, moves: bool, expected: Again) {
    let service = Service::start().await;
    let is_second = Arc::new(AtomicBool::new(false));
    let decided = Arc::clone(&is_second);
    let webhook = Webhook::start(move |_, request| {
        let again = decided.load(Ordering::Relaxed);
        let linked: Vec<&str> = request["linkedHubs"]
            .as_array()?
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let hub = if again && moves && linked.contains(&EAST) {
            EAST
        } else {
            WEST
        };
        let name = if again { "second" } else { "first" };
        let twin =
            json!({ "tags": { "from": name }, "properties": { "desired": { "from": name } } });
        Some((
            200,
            json!({ "iotHubHostName": hub, "initialTwin": twin }).to_string(),
        ))
    })
    .await;
    let mut members = webhook.members();
    if !policy.is_null() {
        members["reprovisionPolicy"] = policy.clone();
    }
    service.operator.group(members).await;
    let device = service.device("dev-1");
    let first = device.register().await;
    assert_eq!(first["registrationState"]["substatus"], "initialAssignment");
    is_second.store(true, Ordering::Relaxed);
    let again = device.register().await;
    assert_eq!(
        again["registrationState"]["substatus"], expected.substatus,
        "{policy}"
    );
    assert_eq!(
        again["registrationState"]["assignedHub"], expected.hub,
        "{policy}"
    );
    let twin = service.operator.twin(expected.hub, "dev-1").await;
    assert_eq!(
        twin.body["tags"],
        json!({ "from": expected.tags }),
        "{policy}"
    );
    assert_eq!(
        twin.body["properties"]["desired"]["from"], expected.tags,
        "{policy}"
    );
    let other = if expected.hub == WEST { EAST } else { WEST };
    assert_eq!(service.operator.twin(other, "dev-1").await.status, 404);
    let request = webhook.called().pop().unwrap();
    assert_eq!(
        request["deviceRuntimeContext"]["currentIotHubHostName"],
        WEST
    );
    assert_eq!(request["deviceRuntimeContext"]["currentDeviceId"], "dev-1");
    assert_eq!(request["linkedHubs"], json!(expected.linked));
}

const BOTH: &[&str] = &[EAST, WEST];

#[tokio::test]
async fn migrate_moves_the_twin_with_the_device() {
    let migrate = json!({ "updateHubAssignment": true, "migrateDeviceData": true });
    for policy in [migrate, Value::Null] {
        let migrated = Again {
            substatus: "deviceDataMigrated",
            hub: EAST,
            tags: "first",
            linked: BOTH,
        };
        check(policy, true, migrated).await;
    }
}

#[tokio::test]
async fn reset_begins_again_with_the_initial_twin() {
    let policy = json!({ "updateHubAssignment": true, "migrateDeviceData": false });
    let reset = Again {
        substatus: "deviceDataReset",
        hub: EAST,
        tags: "second",
        linked: BOTH,
    };
    check(policy, true, reset).await;
}

#[tokio::test]
async fn never_asks_with_the_current_hub_only() {
    let policy = json!({ "updateHubAssignment": false, "migrateDeviceData": true });
    let stayed = Again {
        substatus: "reprovisionedToInitialAssignment",
        hub: WEST,
        tags: "first",
        linked: &[WEST],
    };
    check(policy, true, stayed).await;
}

#[tokio::test]
async fn the_same_hub_leaves_the_twin_as_it_is() {
    for migrate in [true, false] {
        let policy = json!({ "updateHubAssignment": true, "migrateDeviceData": migrate });
        let stayed = Again {
            substatus: "reprovisionedToInitialAssignment",
            hub: WEST,
            tags: "first",
            linked: BOTH,
        };
        check(policy, false, stayed).await;
    }
}

#[tokio::test]
async fn a_twin_that_moves_is_what_it_has_become() {
    let service = Service::start().await;
    service.operator.group_on(WEST).await;
    let device = service.device("dev-1");
    device.register().await;
    let patch = json!({ "tags": { "a": 1, "b": 2 }, "properties": { "desired": { "c": { "d": 3, "e": 4 } } } });
    service
        .operator
        .hub(WEST, Method::PATCH, "twins/dev-1", patch)
        .await;
    let patch =
        json!({ "tags": { "b": null }, "properties": { "desired": { "c": { "e": null } } } });
    service
        .operator
        .hub(WEST, Method::PATCH, "twins/dev-1", patch)
        .await;
    service.operator.group_on(EAST).await;
    device.register().await;
    let twin = service.operator.twin(EAST, "dev-1").await.body;
    assert_eq!(twin["tags"], json!({ "a": 1 }));
    assert_eq!(
        twin["properties"]["desired"],
        json!({ "c": { "d": 3 }, "$version": 3 })
    );
}

#[tokio::test]
async fn after_its_registration_was_deleted_a_device_is_new() {
    let service = Service::start().await;
    let webhook = Webhook::assigning(WEST).await;
    service.operator.group(webhook.members()).await;
    let device = service.device("dev-1");
    device.register().await;
    assert_eq!(
        service.operator.delete("registrations/DEV-1").await.status,
        204
    );
    let again = device.register().await;
    assert_eq!(again["registrationState"]["substatus"], "initialAssignment");
    let request = webhook.called().pop().unwrap();
    assert_eq!(request["deviceRuntimeContext"].get("currentDeviceId"), None);
}

#[tokio::test]
async fn a_failure_leaves_the_device_where_it_is() {
    let service = Service::start().await;
    let webhook = Webhook::start(|number, _| {
        let body = json!({ "iotHubHostName": WEST }).to_string();
        Some((if number == 2 { 404 } else { 200 }, body))
    })
    .await;
    service.operator.group(webhook.members()).await;
    let device = service.device("dev-1");
    let statuses = ["assigned", "failed", "assigned"];
    for status in statuses {
        assert_eq!(device.register().await["status"], status);
        assert_eq!(service.operator.twin(WEST, "dev-1").await.status, 200);
    }
    let request = webhook.called().pop().unwrap();
    assert_eq!(
        request["deviceRuntimeContext"]["currentIotHubHostName"],
        WEST
    );
}
