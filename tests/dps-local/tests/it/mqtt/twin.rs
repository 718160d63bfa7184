//! The twin of a device that is connected to its hub.

use reqwest::Method;
use rmqtt_codec::v3::QoS;
use serde_json::{Value, json};

use super::{on_hub, service};
use crate::harness::WEST;

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
    let desired = "$iothub/twin/PATCH/properties/desired/#";
    mqtt.subscribe(desired).await;
    let report = "$iothub/twin/PATCH/properties/reported/?$rid=9";
    let mut answered = async |body: &str| {
        mqtt.publish(report, body, QoS::AtMostOnce).await;
        mqtt.message().await.0
    };
    let taken = "$iothub/twin/res/204/?$rid=9&$version=2";
    assert_eq!(answered(r#"{"c":{"d":1}}"#).await, taken);
    assert_eq!(answered("[]").await, "$iothub/twin/res/400/?$rid=9");
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
