//! Registering.

use std::num::NonZeroU16;

use rmqtt_codec::v3::{ConnectAckReason, Packet, QoS, SubscribeReturnCode};
use serde_json::json;

use super::sdk::{ANSWERS, REGISTER, check_assigned, open, register, registering, token};
use super::service;
use crate::harness::{Ca, Identity, Mqtt, Service, Validity, WEST};

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

    let check = async |identity: Option<&Identity>, expected| {
        let mut mqtt = Mqtt::open(&service.server, WEST, identity).await;
        let user_name = format!("{WEST}/dev-1/?api-version=2021-04-12");
        assert_eq!(mqtt.connect("dev-1", &user_name, None).await, expected);
    };
    let another = ca.leaf("dev-1", Validity::Now, &[]);
    check(Some(&identity), ConnectAckReason::ConnectionAccepted).await;
    check(Some(&another), ConnectAckReason::NotAuthorized).await;
    check(None, ConnectAckReason::NotAuthorized).await;
}

#[tokio::test]
async fn the_first_answer_says_when_to_ask() {
    let service = service().await;
    let mut mqtt = open(&service, None).await;
    mqtt.connect("dev-1", &registering("dev-1"), Some(&token("dev-1")))
        .await;
    let granted = mqtt.subscribe(ANSWERS).await;
    let expected = Packet::SubscribeAck {
        packet_id: NonZeroU16::MIN,
        status: vec![SubscribeReturnCode::Success(QoS::AtLeastOnce)],
    };
    assert_eq!(granted, expected);
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
        let mut mqtt = open(&service, None).await;
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
    let check = async |client_id: &str, user_name: &str| {
        let (mut mqtt, token) = (open(&service, None).await, token("dev-1"));
        let reason = mqtt.connect(client_id, user_name, Some(&token)).await;
        let expected = ConnectAckReason::BadUserNameOrPassword;
        assert_eq!(reason, expected, "{user_name}");
        assert_eq!(mqtt.next().await, None);
    };
    check("dev-2", &registering("dev-1")).await;
    check("dev-1", "0ne00000001/registrations/dev-1").await;
    check("dev-1", "").await;
    check("dev-1", "a/b/c/d").await;
}
