//! Devices on their hub: who is let in, who is sent away, and what they send.

use std::num::{NonZeroU16, NonZeroU32};

use dps_local::{Clock, Options};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use rmqtt_codec::v3::{ConnectAckReason, Packet, QoS, SubscribeReturnCode};
use serde_json::{Value, json};

use super::{PACKET, on_hub, service};
use crate::harness::{EAST, GROUP_KEY, Mqtt, OTHER_KEY, Service, WEST, key, later, options};

async fn state(service: &Service, id: &str) -> Value {
    service
        .operator
        .hub(WEST, Method::GET, &format!("devices/{id}"), Value::Null)
        .await
        .body
}

#[tokio::test]
async fn messages_are_taken_and_counted() {
    let service = service().await;
    service.device("dev-1").register().await;
    assert_eq!(
        state(&service, "dev-1").await["connectionState"],
        "Disconnected"
    );
    let mut mqtt = on_hub(&service, "dev-1", WEST).await;
    for _ in 0..3 {
        mqtt.publish("devices/dev-1/messages/events/a=b", "{}", QoS::AtLeastOnce)
            .await;
        assert_eq!(
            mqtt.next().await,
            Some(Packet::PublishAck { packet_id: PACKET })
        );
    }
    let state = state(&service, "dev-1").await;
    assert_eq!(state["connectionState"], "Connected");
    assert_eq!(state["telemetryMessageCount"], 3);
    mqtt.publish("devices/dev-2/messages/events/", "{}", QoS::AtMostOnce)
        .await;
    assert_eq!(mqtt.next().await, None, "of another device");
}

async fn set_status(service: &Service, status: &str) {
    let (operator, body) = (&service.operator, json!({ "status": status }));
    let reply = operator.hub(WEST, Method::PUT, "devices/dev-1", body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn a_hub_closes_the_connection_of_a_device_that_is_not_its_own_any_more() {
    let service = service().await;
    let (device, operator) = (service.device("dev-1"), &service.operator);
    device.register().await;
    let mut first = on_hub(&service, "dev-1", WEST).await;
    let mut second = on_hub(&service, "dev-1", WEST).await;
    assert_eq!(first.next().await, None, "a second connection");

    set_status(&service, "disabled").await;
    assert_eq!(second.next().await, None, "disabled");
    set_status(&service, "enabled").await;

    let mut third = on_hub(&service, "dev-1", WEST).await;
    operator.group_on(EAST).await;
    device.register().await;
    assert_eq!(third.next().await, None, "moved");

    let mut fourth = on_hub(&service, "dev-1", EAST).await;
    operator
        .hub(EAST, Method::DELETE, "devices/dev-1", Value::Null)
        .await;
    assert_eq!(fourth.next().await, None, "deleted");
}

#[tokio::test]
async fn a_hub_lets_in_only_its_own_devices_with_their_keys() {
    let service = service().await;
    service.device("dev-1").register().await;
    let refused = async |what: &str, [named, host]: [&str; 2], id: &str, key, expires| {
        let mut mqtt = Mqtt::open(&service.server, named, None).await;
        let token = dps_local::sign(key, &format!("{host}/devices/{id}"), None, expires);
        let user_name = format!("{host}/{id}/?api-version=2021-04-12");
        let reason = mqtt.connect(id, &user_name, Some(&token)).await;
        assert_eq!(reason, ConnectAckReason::NotAuthorized, "{what}");
    };
    let (good, other) = (&key(GROUP_KEY).derive("dev-1"), &key(OTHER_KEY));
    let past = Timestamp::now() - SignedDuration::from_secs(1);
    refused("another hub", [EAST, EAST], "dev-1", good, later()).await;
    refused("another name", [WEST, EAST], "dev-1", good, later()).await;
    refused("another device", [WEST, WEST], "dev-2", good, later()).await;
    refused("another key", [WEST, WEST], "dev-1", other, later()).await;
    refused("expired", [WEST, WEST], "dev-1", good, past).await;
    let mut mqtt = on_hub(&service, "dev-1", WEST).await;
    let refused = Packet::SubscribeAck {
        packet_id: NonZeroU16::MIN,
        status: vec![SubscribeReturnCode::Failure],
    };
    assert_eq!(mqtt.subscribe("#").await, refused);
}

#[tokio::test]
async fn a_hub_closes_the_connection_when_the_token_ends() {
    // Five minutes are three seconds.
    let service = Service::start_with(Options {
        clock: Clock::new(Timestamp::now(), NonZeroU32::new(100).unwrap()),
        ..options()
    })
    .await;
    service.operator.group_on(WEST).await;
    service.device("dev-1").register().await;
    let mut mqtt = Mqtt::open(&service.server, WEST, None).await;
    let derived = key(GROUP_KEY).derive("dev-1");
    let ends = Timestamp::now() + SignedDuration::from_mins(5);
    let resource = format!("{WEST}/devices/dev-1");
    let token = dps_local::sign(&derived, &resource, None, ends);
    let user_name = format!("{WEST}/dev-1/?api-version=2021-04-12");
    let reason = mqtt.connect("dev-1", &user_name, Some(&token)).await;
    assert_eq!(reason, ConnectAckReason::ConnectionAccepted);
    assert_eq!(mqtt.next().await, None);
    let device = service
        .operator
        .hub(WEST, Method::GET, "devices/dev-1", Value::Null)
        .await;
    assert_eq!(device.body["connectionState"], "Disconnected");
}
