//! Custom allocation: what the webhook gets, and what its answers lead to.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{EAST, GROUP_KEY, Service, WEST, Webhook, key};

/// The state of a device after the webhook has answered with this.
async fn answered(status: u16, body: &str) -> (Value, usize) {
    let service = Service::start().await;
    let webhook = Webhook::answering(status, body).await;
    service.operator.group(webhook.members()).await;
    let ended = service.device("dev-1").register().await;
    assert_eq!(ended["status"], ended["registrationState"]["status"]);
    (ended["registrationState"].clone(), webhook.called().len())
}

async fn check_failed(status: u16, body: &str, code: u32, message: &str, calls: usize) {
    let (state, called) = answered(status, body).await;
    assert_eq!(state["status"], "failed", "{status} {body}");
    assert_eq!(state["errorCode"], code, "{status} {body}");
    assert_eq!(state["errorMessage"], message, "{status} {body}");
    assert_eq!(state["assignedHub"], Value::Null);
    assert_eq!(called, calls, "{status} {body}");
}

#[tokio::test]
async fn a_hub_of_linked_hubs_is_assigned() {
    for hub in [WEST, "CONTOSO-weu-1.azure-devices.net"] {
        let (state, called) = answered(
            200,
            &json!({ "iotHubHostName": hub, "other": 1 }).to_string(),
        )
        .await;
        assert_eq!((&state["status"], called), (&json!("assigned"), 1));
        assert_eq!(state["assignedHub"], WEST);
    }
}

#[tokio::test]
async fn without_a_hub_it_fails() {
    let message = "Custom allocation failed: the response does not specify an IoT hub";
    for body in [
        r#"{"iotHubHostName":""}"#,
        r#"{"iotHubHostName":null}"#,
        "{}",
    ] {
        check_failed(200, body, 400_208, message, 1).await;
    }
}

#[tokio::test]
async fn another_hub_fails() {
    let message = "Custom allocation failed: the IoT hub of the response is not linked";
    for hub in [
        "foreign.azure-devices.net",
        "contoso-weu-1.service.azure-devices.net",
        "x",
    ] {
        let body = json!({ "iotHubHostName": hub }).to_string();
        check_failed(200, &body, 400_207, message, 1).await;
    }
}

#[tokio::test]
async fn garbage_fails() {
    let message = "Custom allocation failed: the response is not an allocation response";
    let twin = format!(r#"{{"iotHubHostName":"{WEST}","initialTwin":1}}"#);
    let payload = format!(r#"{{"iotHubHostName":"{WEST}","payload":"text"}}"#);
    for body in [
        "",
        "<html>",
        "[]",
        r#"{"iotHubHostName":1}"#,
        &twin,
        &payload,
    ] {
        check_failed(200, body, 400_207, message, 1).await;
    }
}

#[tokio::test]
async fn unauthorized_fails_with_a_code_of_its_own() {
    let message = "Custom allocation failed with status code: 401";
    check_failed(401, "", 400_209, message, 1).await;
}

#[tokio::test]
async fn other_statuses_fail_at_once() {
    for status in [201, 204, 302, 400, 403, 404, 409, 410, 422, 428] {
        let message = format!("Custom allocation failed with status code: {status}");
        check_failed(status, "", 400_207, &message, 1).await;
    }
}

#[tokio::test]
async fn from_429_on_it_is_called_ten_times_more() {
    for status in [429, 500, 503] {
        let message = format!("Custom allocation failed with status code: {status}");
        check_failed(status, "", 400_207, &message, 11).await;
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let service = Service::start().await;
    let webhook = Webhook::start(|number, _| {
        let body = json!({ "iotHubHostName": EAST }).to_string();
        (number > 2).then_some((200, body))
    })
    .await;
    service.operator.group(webhook.members()).await;
    let ended = service.device("dev-1").register().await;
    assert_eq!(ended["registrationState"]["assignedHub"], EAST);
    assert!(webhook.called().len() >= 3);
}

#[tokio::test]
async fn a_webhook_that_is_not_there_is_tried_again_and_fails() {
    let service = Service::start().await;
    let webhook = Webhook::assigning(WEST).await;
    let members = webhook.members();
    drop(webhook);
    service.operator.group(members).await;
    let ended = service.device("dev-1").register().await;
    assert_eq!(ended["registrationState"]["errorCode"], 400_207);
    let message = "Custom allocation failed: there was no response";
    assert_eq!(ended["registrationState"]["errorMessage"], message);
}

#[tokio::test]
async fn payload_goes_to_the_device_each_time() {
    let service = Service::start().await;
    let webhook = Webhook::start(|number, request| {
        assert_eq!(
            request["deviceRuntimeContext"]["payload"],
            json!({ "n": number })
        );
        Some((
            200,
            json!({ "iotHubHostName": WEST, "payload": { "call": number } }).to_string(),
        ))
    })
    .await;
    service.operator.group(webhook.members()).await;
    let device = service.device("dev-1");
    for number in [1, 2] {
        let ended = device
            .provision(json!({ "payload": { "n": number } }))
            .await;
        assert_eq!(
            ended["registrationState"]["payload"],
            json!({ "call": number })
        );
    }
}

fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/allocation");
    let text = fs::read(folder.join(format!("{name}.json"))).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// The request that a captured one leads to when its enrollment is put here and its device registers.
async fn check_captured(name: &str) {
    let captured = fixture(name);
    let service = Service::start().await;
    let context = &captured["deviceRuntimeContext"];
    let webhook = Webhook::assigning(
        context["currentIotHubHostName"]
            .as_str()
            .unwrap_or_default(),
    )
    .await;
    let linked: Vec<&str> = captured["linkedHubs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    let (kind, id) = match captured.get("enrollmentGroup") {
        Some(_) => ("enrollmentGroup", "enrollmentGroupId"),
        None => ("individualEnrollment", "registrationId"),
    };
    let mut enrollment = captured[kind].clone();
    for hub in linked
        .iter()
        .copied()
        .chain(names_of(&enrollment["iotHubs"]))
    {
        service.operator.link(hub).await;
    }
    enrollment["customAllocationDefinition"]["webhookUrl"] = json!(webhook.url);
    let keys = json!({ "primaryKey": GROUP_KEY, "secondaryKey": GROUP_KEY });
    enrollment["attestation"]["symmetricKey"] = keys;
    let collection = if kind == "enrollmentGroup" {
        "enrollmentGroups"
    } else {
        "enrollments"
    };
    let path = format!("{collection}/{}", enrollment[id].as_str().unwrap());
    service.operator.put(&path, enrollment.clone()).await;

    let registration_id = context["registrationId"].as_str().unwrap();
    let derived = match kind {
        "enrollmentGroup" => key(GROUP_KEY).derive(registration_id),
        _ => key(GROUP_KEY),
    };
    let device = service.device_with_key(registration_id, &derived);
    let body = json!({ "registrationId": registration_id, "payload": context.get("payload") });
    // A device that is known registers a second time.
    for _ in 0..=u8::from(context.get("currentIotHubHostName").is_some()) {
        device.provision(body.clone()).await;
    }
    let mut sent = webhook.called().pop().unwrap();
    let mut expected = captured.clone();
    for request in [&mut sent, &mut expected] {
        let record = request[kind].as_object_mut().unwrap();
        for set_by_the_service in ["etag", "createdDateTimeUtc", "lastUpdatedDateTimeUtc"] {
            assert!(record.remove(set_by_the_service).unwrap().is_string());
        }
        let url = &mut record["customAllocationDefinition"]["webhookUrl"];
        assert!(url.as_str().unwrap().ends_with("?****"));
        *url = Value::Null;
    }
    if captured[kind].get("iotHubs").is_none() {
        // All linked hubs, and the harness has linked two more.
        assert_eq!(
            sent["linkedHubs"].as_array().unwrap().len(),
            linked.len() + 2
        );
        sent["linkedHubs"] = captured["linkedHubs"].clone();
    }
    assert_eq!(sent, expected, "{name}");
}

fn names_of(hubs: &Value) -> impl Iterator<Item = &str> {
    hubs.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

#[tokio::test]
async fn the_request_is_as_captured() {
    for name in [
        "group-sparse-2019",
        "group-symmetric-key-first",
        "group-symmetric-key-reprovision-payload",
        "individual-never-reprovision",
    ] {
        check_captured(name).await;
    }
}

#[tokio::test]
async fn members_of_later_versions_are_left_out() {
    let service = Service::start().await;
    let webhook = Webhook::assigning(WEST).await;
    let mut members = webhook.members();
    members["namespaceName"] = json!("ns");
    members["credentialPolicyName"] = json!("policy");
    for (version, expected) in [
        ("2018-09-01-preview", vec![]),
        ("2021-10-01", vec![]),
        ("2025-07-01-preview", vec!["credentialPolicyName"]),
        ("2026-11-01", vec!["credentialPolicyName", "namespaceName"]),
    ] {
        members["customAllocationDefinition"]["apiVersion"] = json!(version);
        service.operator.group(members.clone()).await;
        service
            .device("dev-1")
            .provision(json!({ "payload": {} }))
            .await;
        let sent = webhook.called().pop().unwrap();
        let sent_members = ["credentialPolicyName", "namespaceName"];
        let sent_members = sent_members
            .into_iter()
            .filter(|it| sent["enrollmentGroup"].get(it).is_some());
        assert_eq!(sent_members.collect::<Vec<_>>(), expected, "{version}");
        let has_payload = sent["deviceRuntimeContext"].get("payload").is_some();
        assert_eq!(has_payload, version != "2018-09-01-preview");
    }
}
