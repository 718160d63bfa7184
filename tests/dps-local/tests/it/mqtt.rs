//! MQTT 3.1.1: registering, and devices on their hubs.

use std::num::NonZeroU16;

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use rmqtt_codec::v3::{ConnectAckReason, Packet, QoS, SubscribeReturnCode};
use serde_json::{Value, json};

use crate::harness::{
    Ca, EAST, GROUP_KEY, Identity, Mqtt, OTHER_KEY, Service, Validity, WEST, key, later,
};

const SERVICE: &str = "global.azure-devices-provisioning.net";
const ANSWERS: &str = "$dps/registrations/res/#";
const REGISTER: &str = "$dps/registrations/PUT/iotdps-register/?$rid=";
const POLL: &str = "$dps/registrations/GET/iotdps-get-operationstatus/?$rid=";
const PACKET: NonZeroU16 = NonZeroU16::new(7).unwrap();

async fn service() -> Service {
    let service = Service::start().await;
    let twin = json!({ "tags": { "a": 1 }, "properties": { "desired": { "b": 2 } } });
    let members = json!({ "allocationPolicy": "static", "iotHubs": [WEST], "initialTwin": twin });
    service.operator.group(members).await;
    service
}

fn registering(id: &str) -> String {
    format!("0ne00000001/registrations/{id}/api-version=2019-03-31&ClientVersion=test%2F1")
}

fn token(id: &str) -> String {
    let resource = format!("0ne00000001/registrations/{id}");
    dps_local::sign(
        &key(GROUP_KEY).derive(id),
        &resource,
        Some("registration"),
        later(),
    )
}

/// Registers as an SDK does; the last answer.
async fn register(mqtt: &mut Mqtt, body: &str) -> (String, Value) {
    mqtt.subscribe(ANSWERS).await;
    mqtt.publish(&format!("{REGISTER}1"), body, QoS::AtLeastOnce)
        .await;
    assert_eq!(
        mqtt.next().await,
        Some(Packet::PublishAck { packet_id: PACKET }),
        "before the answer"
    );
    let (mut topic, mut body) = mqtt.message().await;
    while topic.starts_with("$dps/registrations/res/202/") {
        let operation: Value = serde_json::from_str(&body).unwrap();
        let operation = operation["operationId"].as_str().unwrap();
        // C publishes with QoS 0.
        mqtt.publish(
            &format!("{POLL}2&operationId={operation}"),
            " ",
            QoS::AtMostOnce,
        )
        .await;
        (topic, body) = mqtt.message().await;
    }
    (topic, serde_json::from_str(&body).unwrap())
}

async fn check_assigned(
    service: &Service,
    id: &str,
    password: Option<&str>,
    identity: Option<&Identity>,
) {
    let mut mqtt = Mqtt::open(&service.server, SERVICE, identity).await;
    let reason = mqtt.connect(id, &registering(id), password).await;
    assert_eq!(reason, ConnectAckReason::ConnectionAccepted);
    let (topic, answer) = register(
        &mut mqtt,
        &json!({ "registrationId": id, "payload": null }).to_string(),
    )
    .await;
    assert_eq!(topic, "$dps/registrations/res/200/?$rid=2");
    assert_eq!(answer["registrationState"]["assignedHub"], WEST, "{answer}");
    let packet_id = NonZeroU16::MIN;
    let topic_filters = vec![ANSWERS.into()];
    mqtt.send(Packet::Unsubscribe {
        packet_id,
        topic_filters,
    })
    .await;
    assert_eq!(
        mqtt.next().await,
        Some(Packet::UnsubscribeAck { packet_id })
    );
    mqtt.send(Packet::PingRequest).await;
    assert_eq!(mqtt.next().await, Some(Packet::PingResponse));
    mqtt.send(Packet::Disconnect).await;
    assert_eq!(mqtt.next().await, None);
}

#[tokio::test]
async fn a_device_registers_with_a_key() {
    let service = service().await;
    check_assigned(&service, "dev-1", Some(&token("dev-1")), None).await;
}

#[tokio::test]
async fn a_device_registers_with_a_certificate() {
    let (service, ca) = (Service::start().await, Ca::root("maker"));
    let signing =
        json!({ "signingCertificates": { "primary": { "certificate": ca.certificate() } } });
    let attestation = json!({ "type": "x509", "x509": signing });
    let members =
        json!({ "attestation": attestation, "allocationPolicy": "static", "iotHubs": [WEST] });
    service.operator.group(members).await;
    let identity = ca.leaf("dev-1", Validity::Now, &[]);
    check_assigned(&service, "dev-1", None, Some(&identity)).await;

    let user_name = format!("{WEST}/dev-1/?api-version=2021-04-12");
    for (identity, expected) in [
        (Some(identity), ConnectAckReason::ConnectionAccepted),
        (
            Some(ca.leaf("dev-1", Validity::Now, &[])),
            ConnectAckReason::NotAuthorized,
        ),
        (None, ConnectAckReason::NotAuthorized),
    ] {
        let mut mqtt = Mqtt::open(&service.server, WEST, identity.as_ref()).await;
        assert_eq!(mqtt.connect("dev-1", &user_name, None).await, expected);
    }
}

#[tokio::test]
async fn the_first_answer_says_when_to_ask() {
    let service = service().await;
    let mut mqtt = Mqtt::open(&service.server, SERVICE, None).await;
    mqtt.connect("dev-1", &registering("dev-1"), Some(&token("dev-1")))
        .await;
    let granted = mqtt.subscribe(ANSWERS).await;
    let status = vec![SubscribeReturnCode::Success(QoS::AtLeastOnce)];
    assert_eq!(
        granted,
        Packet::SubscribeAck {
            packet_id: NonZeroU16::MIN,
            status
        }
    );
    mqtt.publish(&format!("{REGISTER}a-b"), "", QoS::AtMostOnce)
        .await;
    let (topic, _) = mqtt.message().await;
    assert_eq!(topic, "$dps/registrations/res/202/?$rid=a-b&retry-after=3");
}

#[tokio::test]
async fn a_credential_that_is_no_good_is_answered_with_401() {
    let service = service().await;
    let other = token("dev-2");
    for password in [None, Some("x"), Some(other.as_str())] {
        let mut mqtt = Mqtt::open(&service.server, SERVICE, None).await;
        let reason = mqtt.connect("dev-1", &registering("dev-1"), password).await;
        assert_eq!(reason, ConnectAckReason::ConnectionAccepted);
        let (topic, answer) = register(&mut mqtt, "{}").await;
        assert_eq!(topic, "$dps/registrations/res/401/?$rid=1", "{password:?}");
        assert!(
            [401_000, 401_002].contains(&answer["errorCode"].as_u64().unwrap()),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn who_is_not_a_device_is_not_let_in() {
    let service = service().await;
    for (client_id, user_name) in [
        ("dev-2", registering("dev-1")),
        ("dev-1", "0ne00000001/registrations/dev-1".to_owned()),
        ("dev-1", String::new()),
        ("dev-1", "a/b/c/d".to_owned()),
    ] {
        let mut mqtt = Mqtt::open(&service.server, SERVICE, None).await;
        let reason = mqtt
            .connect(client_id, &user_name, Some(&token("dev-1")))
            .await;
        assert_eq!(
            reason,
            ConnectAckReason::BadUserNameOrPassword,
            "{user_name}"
        );
        assert_eq!(mqtt.next().await, None);
    }
}

#[tokio::test]
async fn garbage_closes_its_connection_and_no_other() {
    let service = service().await;
    for (what, bytes) in [
        (
            "not MQTT",
            [b"GET / HTTP/1.1\r\n".as_slice(), &[b'x'; 100]].concat(),
        ),
        (
            "MQTT 5",
            b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x00".to_vec(),
        ),
        ("too long", b"\x10\xff\xff\xff\x7f".to_vec()),
        ("a length without end", b"\x10\xff\xff\xff\xff\xff".to_vec()),
        ("PINGREQ first", b"\xc0\x00".to_vec()),
        (
            "a broken CONNECT",
            b"\x10\x0c\x00\x04MQTT\x04\xff\x00\x00\x00\x00".to_vec(),
        ),
    ] {
        let received = Mqtt::open(&service.server, SERVICE, None)
            .await
            .garbage(&bytes)
            .await;
        let expected: &[u8] = if what == "MQTT 5" {
            b"\x20\x02\x00\x01"
        } else {
            b""
        };
        assert_eq!(received, expected, "{what}");
    }
    let mut mqtt = Mqtt::open(&service.server, SERVICE, None).await;
    mqtt.connect("dev-1", &registering("dev-1"), Some(&token("dev-1")))
        .await;
    mqtt.publish("$dps/registrations/PUT/other/?$rid=1", "", QoS::AtMostOnce)
        .await;
    assert_eq!(mqtt.next().await, None, "a topic that there is not");
    check_assigned(&service, "dev-1", Some(&token("dev-1")), None).await;
}

/// A device of the group on [`WEST`], whose hub is called `host`.
pub(crate) async fn on_hub(service: &Service, id: &str, host: &str) -> Mqtt {
    let mut mqtt = Mqtt::open(&service.server, host, None).await;
    let resource = format!("{host}/devices/{id}");
    let token = dps_local::sign(&key(GROUP_KEY).derive(id), &resource, None, later());
    let reason = mqtt
        .connect(
            id,
            &format!("{host}/{id}/?api-version=2021-04-12"),
            Some(&token),
        )
        .await;
    assert_eq!(reason, ConnectAckReason::ConnectionAccepted);
    mqtt
}

async fn state(service: &Service, id: &str) -> Value {
    service
        .operator
        .hub(WEST, Method::GET, &format!("devices/{id}"), Value::Null)
        .await
        .body
}

#[tokio::test]
async fn a_device_reads_its_twin_under_both_names_of_its_hub() {
    let service = service().await;
    service.device("dev-1").register().await;
    for host in [WEST, "contoso-weu-1.device.azure-devices.net"] {
        let mut mqtt = on_hub(&service, "dev-1", host).await;
        mqtt.subscribe("$iothub/twin/res/#").await;
        mqtt.publish("$iothub/twin/GET/?$rid=1", "", QoS::AtMostOnce)
            .await;
        let (topic, body) = mqtt.message().await;
        assert_eq!(topic, "$iothub/twin/res/200/?$rid=1");
        let twin: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            twin,
            json!({ "desired": { "b": 2, "$version": 1 }, "reported": { "$version": 1 } })
        );
    }
}

#[tokio::test]
async fn properties_go_both_ways() {
    let service = service().await;
    service.device("dev-1").register().await;
    let mut mqtt = on_hub(&service, "dev-1", WEST).await;
    mqtt.subscribe("$iothub/twin/PATCH/properties/desired/#")
        .await;
    mqtt.publish(
        "$iothub/twin/PATCH/properties/reported/?$rid=9",
        r#"{"c":{"d":1}}"#,
        QoS::AtMostOnce,
    )
    .await;
    assert_eq!(
        mqtt.message().await.0,
        "$iothub/twin/res/204/?$rid=9&$version=2"
    );
    mqtt.publish(
        "$iothub/twin/PATCH/properties/reported/?$rid=9",
        "[]",
        QoS::AtMostOnce,
    )
    .await;
    assert_eq!(mqtt.message().await.0, "$iothub/twin/res/400/?$rid=9");
    let patch = json!({ "properties": { "desired": { "b": null, "e": 5 } } });
    service
        .operator
        .hub(WEST, Method::PATCH, "twins/dev-1", patch)
        .await;
    let (topic, body) = mqtt.message().await;
    assert_eq!(topic, "$iothub/twin/PATCH/properties/desired/?$version=2");
    let patch: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(patch, json!({ "b": null, "e": 5, "$version": 2 }));
    let twin = service.operator.twin(WEST, "dev-1").await.body;
    assert_eq!(twin["properties"]["reported"]["c"], json!({ "d": 1 }));
    assert_eq!(
        twin["properties"]["desired"],
        json!({ "e": 5, "$version": 2 })
    );
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

#[tokio::test]
async fn a_hub_closes_the_connection_of_a_device_that_is_not_its_own_any_more() {
    let service = service().await;
    let device = service.device("dev-1");
    device.register().await;
    let mut first = on_hub(&service, "dev-1", WEST).await;
    let mut second = on_hub(&service, "dev-1", WEST).await;
    assert_eq!(first.next().await, None, "a second connection");

    service
        .operator
        .hub(
            WEST,
            Method::PUT,
            "devices/dev-1",
            json!({ "status": "disabled" }),
        )
        .await;
    assert_eq!(second.next().await, None, "disabled");
    service
        .operator
        .hub(
            WEST,
            Method::PUT,
            "devices/dev-1",
            json!({ "status": "enabled" }),
        )
        .await;

    let mut third = on_hub(&service, "dev-1", WEST).await;
    service
        .operator
        .group(json!({ "allocationPolicy": "static", "iotHubs": [EAST] }))
        .await;
    device.register().await;
    assert_eq!(third.next().await, None, "moved");

    let mut fourth = on_hub(&service, "dev-1", EAST).await;
    service
        .operator
        .hub(EAST, Method::DELETE, "devices/dev-1", Value::Null)
        .await;
    assert_eq!(fourth.next().await, None, "deleted");
}

#[tokio::test]
async fn a_hub_lets_in_only_its_own_devices_with_their_keys() {
    let service = service().await;
    service.device("dev-1").register().await;
    let derived = key(GROUP_KEY).derive("dev-1");
    let good = (WEST, WEST, "dev-1", derived.clone(), later());
    let past = Timestamp::now() - SignedDuration::from_secs(1);
    for (what, (sni, host, id, key, expires)) in [
        (
            "another hub",
            (EAST, EAST, "dev-1", derived.clone(), later()),
        ),
        (
            "a hub called by another name",
            (WEST, EAST, "dev-1", derived.clone(), later()),
        ),
        (
            "another device",
            (WEST, WEST, "dev-2", derived.clone(), later()),
        ),
        (
            "another key",
            (WEST, WEST, "dev-1", key(OTHER_KEY), later()),
        ),
        ("expired", (WEST, WEST, "dev-1", derived, past)),
    ] {
        let mut mqtt = Mqtt::open(&service.server, sni, None).await;
        let token = dps_local::sign(&key, &format!("{host}/devices/{id}"), None, expires);
        let user_name = format!("{host}/{id}/?api-version=2021-04-12");
        let reason = mqtt.connect(id, &user_name, Some(&token)).await;
        assert_eq!(reason, ConnectAckReason::NotAuthorized, "{what}");
    }
    let mut mqtt = Mqtt::open(&service.server, good.0, None).await;
    let token = dps_local::sign(
        &good.3,
        &format!("{}/devices/{}", good.1, good.2),
        None,
        good.4,
    );
    let user_name = format!("{WEST}/dev-1/?api-version=2021-04-12");
    assert_eq!(
        mqtt.connect("dev-1", &user_name, Some(&token)).await,
        ConnectAckReason::ConnectionAccepted
    );
    let refused = mqtt.subscribe("#").await;
    let status = vec![SubscribeReturnCode::Failure];
    assert_eq!(
        refused,
        Packet::SubscribeAck {
            packet_id: NonZeroU16::MIN,
            status
        }
    );
}
