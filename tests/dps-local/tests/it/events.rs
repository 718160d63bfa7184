//! What is posted when something happens to a device on a hub.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::harness::{EAST, Service, WEST, Webhook, options};
use crate::mqtt::on_hub;

/// Waits until so many events have been posted, and says of each what it is about.
async fn posted(taker: &Webhook, count: usize) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    loop {
        let events = taker.called();
        if events.len() >= count {
            let said = events.iter().map(|event| {
                let data = &event[0]["data"];
                (
                    text(&event[0]["eventType"]),
                    text(&data["hubName"]),
                    text(&data["deviceId"]),
                )
            });
            return said.collect();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn the_life_of_a_device_is_posted() {
    // The first event is not taken at first, and posted again.
    let taker =
        Webhook::start(|number, _| Some((if number == 1 { 500 } else { 200 }, String::new())))
            .await;
    let mut options = options();
    options.events = Some(taker.url.clone());
    let service = Service::start_with(options).await;
    service.operator.group_on(WEST).await;
    let device = service.device("dev-1");
    device.register().await;
    device.register().await;
    drop(on_hub(&service, "dev-1", WEST).await);
    posted(&taker, 4).await;
    service.operator.group_on(EAST).await;
    device.register().await;
    service
        .operator
        .hub(EAST, Method::DELETE, "devices/dev-1", Value::Null)
        .await;
    let expected = [
        ("Created", "contoso-weu-1"),
        ("Created", "contoso-weu-1"),
        ("Connected", "contoso-weu-1"),
        ("Disconnected", "contoso-weu-1"),
        ("Deleted", "contoso-weu-1"),
        ("Created", "contoso-eus-1"),
        ("Deleted", "contoso-eus-1"),
    ];
    let expected = expected.map(|(kind, hub)| {
        let kind = format!("Microsoft.Devices.Device{kind}");
        (kind, hub.to_owned(), "dev-1".to_owned())
    });
    assert_eq!(posted(&taker, expected.len()).await, expected);
    let events = taker.called();
    assert_eq!(events[0], events[1]);
    assert_eq!(events[0][0]["subject"], "devices/dev-1");
    assert_eq!(events[0][0]["data"]["twin"]["deviceId"], "dev-1");
    let number = |event: &Value| {
        event[0]["data"]["deviceConnectionStateEventInfo"]["sequenceNumber"].clone()
    };
    assert!(number(&events[2]).as_str() < number(&events[3]).as_str());
}
