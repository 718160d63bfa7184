//! A device that registers as an SDK does.

use std::num::NonZeroU16;

use rmqtt_codec::v3::{ConnectAckReason, Packet, QoS};
use serde_json::{Value, json};

use super::PACKET;
use crate::harness::{GROUP_KEY, Identity, Mqtt, Service, WEST, key, later};

const HOST: &str = "global.azure-devices-provisioning.net";
pub(super) const ANSWERS: &str = "$dps/registrations/res/#";
pub(super) const REGISTER: &str = "$dps/registrations/PUT/iotdps-register/?$rid=";
const POLL: &str = "$dps/registrations/GET/iotdps-get-operationstatus/?$rid=";

/// The service, as a device calls it.
pub(super) async fn open(service: &Service, identity: Option<&Identity>) -> Mqtt {
    Mqtt::open(&service.server, HOST, identity).await
}

/// The user name of a device that registers.
pub(super) fn registering(id: &str) -> String {
    format!("0ne00000001/registrations/{id}/api-version=2019-03-31&ClientVersion=test%2F1")
}

pub(super) fn token(id: &str) -> String {
    let resource = format!("0ne00000001/registrations/{id}");
    dps_local::sign(
        &key(GROUP_KEY).derive(id),
        &resource,
        Some("registration"),
        later(),
    )
}

/// Registers as an SDK does; the last answer.
pub(super) async fn register(mqtt: &mut Mqtt, body: &str) -> (String, Value) {
    mqtt.subscribe(ANSWERS).await;
    mqtt.publish(&format!("{REGISTER}1"), body, QoS::AtLeastOnce)
        .await;
    let acknowledged = Some(Packet::PublishAck { packet_id: PACKET });
    assert_eq!(mqtt.next().await, acknowledged, "before the answer");
    let (mut topic, mut body) = mqtt.message().await;
    while topic.starts_with("$dps/registrations/res/202/") {
        let operation: Value = serde_json::from_str(&body).unwrap();
        let operation = operation["operationId"].as_str().unwrap();
        // C publishes with QoS 0.
        let poll = format!("{POLL}2&operationId={operation}");
        mqtt.publish(&poll, " ", QoS::AtMostOnce).await;
        (topic, body) = mqtt.message().await;
    }
    (topic, serde_json::from_str(&body).unwrap())
}

/// Registers, and does the rest of what an SDK does until it ends.
pub(super) async fn check_assigned(
    service: &Service,
    id: &str,
    password: Option<&str>,
    identity: Option<&Identity>,
) {
    let mut mqtt = open(service, identity).await;
    let reason = mqtt.connect(id, &registering(id), password).await;
    assert_eq!(reason, ConnectAckReason::ConnectionAccepted);
    let body = json!({ "registrationId": id, "payload": null }).to_string();
    let (topic, answer) = register(&mut mqtt, &body).await;
    assert_eq!(topic, "$dps/registrations/res/200/?$rid=2");
    assert_eq!(answer["registrationState"]["assignedHub"], WEST, "{answer}");
    let packet_id = NonZeroU16::MIN;
    let topic_filters = vec![ANSWERS.into()];
    mqtt.send(Packet::Unsubscribe {
        packet_id,
        topic_filters,
    })
    .await;
    let acknowledged = Some(Packet::UnsubscribeAck { packet_id });
    assert_eq!(mqtt.next().await, acknowledged);
    mqtt.send(Packet::PingRequest).await;
    assert_eq!(mqtt.next().await, Some(Packet::PingResponse));
    mqtt.send(Packet::Disconnect).await;
    assert_eq!(mqtt.next().await, None);
}
