//! What happens to devices on hubs, posted as IoT Hub publishes it to Event Grid.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use uuid::Uuid;

use crate::clock::{Clock, written};
use crate::hub::Device;
use crate::hub_name::HubName;
use crate::id::DeviceId;

/// Events that wait while nobody takes them; later ones are lost.
const WAITING: usize = 10_000;

/// How often one event is posted before it is lost, and how long that waits each time.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// Posts events in their order, or does nothing.
#[derive(Debug, Default)]
pub(crate) struct Events {
    sender: Option<Sender<Value>>,
    clock: Option<Clock>,
    sequence: AtomicU64,
}

impl Events {
    /// Posts them to a URL.
    pub(crate) fn to(url: String, clock: Clock) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .build()?;
        let (sender, receiver) = channel(WAITING);
        tokio::spawn(post(http, url, receiver, clock.clone()));
        Ok(Self {
            sender: Some(sender),
            clock: Some(clock),
            sequence: AtomicU64::new(0),
        })
    }

    pub(crate) fn created(&self, device: &Device) {
        self.send(
            "DeviceCreated",
            &device.hub,
            &device.id,
            json!({ "twin": device.twin() }),
        );
    }

    pub(crate) fn deleted(&self, device: &Device) {
        self.send(
            "DeviceDeleted",
            &device.hub,
            &device.id,
            json!({ "twin": device.twin() }),
        );
    }

    pub(crate) fn connected(&self, hub: &HubName, device: &DeviceId) {
        self.send("DeviceConnected", hub, device, self.connection());
    }

    pub(crate) fn disconnected(&self, hub: &HubName, device: &DeviceId) {
        self.send("DeviceDisconnected", hub, device, self.connection());
    }

    /// A later event has a greater number, as a text.
    fn connection(&self) -> Value {
        let number = self.sequence.fetch_add(1, Ordering::Relaxed) + 1;
        json!({ "deviceConnectionStateEventInfo": { "sequenceNumber": format!("{number:064X}") } })
    }

    fn send(&self, kind: &str, hub: &HubName, device: &DeviceId, mut data: Value) {
        let (Some(sender), Some(clock)) = (&self.sender, &self.clock) else {
            return;
        };
        let hub = hub.as_str().split('.').next().unwrap_or_default();
        if let Some(data) = data.as_object_mut() {
            data.extend([
                ("hubName".to_owned(), json!(hub)),
                ("deviceId".to_owned(), json!(device)),
            ]);
        }
        let group = "/SUBSCRIPTIONS/LOCAL/RESOURCEGROUPS/LOCAL/PROVIDERS/MICROSOFT.DEVICES/IOTHUBS";
        // Full, or without anybody who takes it: it is lost.
        drop(sender.try_send(json!([{
            "id": Uuid::new_v4().to_string(),
            "topic": format!("{group}/{}", hub.to_ascii_uppercase()),
            "subject": format!("devices/{device}"),
            "eventType": format!("Microsoft.Devices.{kind}"),
            "eventTime": written(clock.now()),
            "data": data,
            "dataVersion": "1",
            "metadataVersion": "1",
        }])));
    }
}

async fn post(http: reqwest::Client, url: String, mut events: Receiver<Value>, clock: Clock) {
    while let Some(event) = events.recv().await {
        for _ in 0..ATTEMPTS {
            let answer = http.post(&url).json(&event).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            clock.sleep(PAUSE).await;
        }
    }
}
