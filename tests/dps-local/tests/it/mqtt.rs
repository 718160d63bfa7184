//! MQTT 3.1.1: registering, and devices on their hubs.

mod garbage;
mod hub;
mod provisioning;
mod sdk;
mod twin;

use std::num::NonZeroU16;

use rmqtt_codec::v3::ConnectAckReason;
use serde_json::json;

use crate::harness::{GROUP_KEY, Mqtt, Service, WEST, key, later};

/// What [`Mqtt::publish`] numbers a message with.
const PACKET: NonZeroU16 = NonZeroU16::new(7).unwrap();

async fn service() -> Service {
    let service = Service::start().await;
    let twin = json!({ "tags": { "a": 1 }, "properties": { "desired": { "b": 2 } } });
    let members = json!({ "allocationPolicy": "static", "iotHubs": [WEST], "initialTwin": twin });
    service.operator.group(members).await;
    service
}

/// A device of the group on its hub, which is called `host`.
pub(crate) async fn on_hub(service: &Service, id: &str, host: &str) -> Mqtt {
    let mut mqtt = Mqtt::open(&service.server, host, None).await;
    let resource = format!("{host}/devices/{id}");
    let token = dps_local::sign(&key(GROUP_KEY).derive(id), &resource, None, later());
    let user_name = format!("{host}/{id}/?api-version=2021-04-12");
    let reason = mqtt.connect(id, &user_name, Some(&token)).await;
    assert_eq!(reason, ConnectAckReason::ConnectionAccepted);
    mqtt
}
