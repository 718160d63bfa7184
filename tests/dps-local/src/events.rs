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
pub(crate) struct Events(Option<Outbox>);

#[derive(Debug)]
struct Outbox {
    sender: Sender<Value>,
    clock: Clock,
    /// Of the latest change of a connection.
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
        Ok(Self(Some(Outbox {
            sender,
            clock,
            sequence: AtomicU64::new(0),
        })))
    }

    pub(crate) fn created(&self, device: &Device) {
        self.of_device("DeviceCreated", device);
    }

    pub(crate) fn deleted(&self, device: &Device) {
        self.of_device("DeviceDeleted", device);
    }

    pub(crate) fn connected(&self, hub: &HubName, device: &DeviceId) {
        self.of_connection("DeviceConnected", hub, device);
    }

    pub(crate) fn disconnected(&self, hub: &HubName, device: &DeviceId) {
        self.of_connection("DeviceDisconnected", hub, device);
    }

    fn of_device(&self, kind: &str, device: &Device) {
        if let Some(outbox) = &self.0 {
            let data = json!({ "twin": device.twin() });
            outbox.send(kind, &device.hub, &device.id, data);
        }
    }

    fn of_connection(&self, kind: &str, hub: &HubName, device: &DeviceId) {
        if let Some(outbox) = &self.0 {
            let number = outbox.next_number();
            let data = json!({ "deviceConnectionStateEventInfo": { "sequenceNumber": number } });
            outbox.send(kind, hub, device, data);
        }
    }
}

impl Outbox {
    /// A later one is greater, also as a text.
    fn next_number(&self) -> String {
        let number = self.sequence.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{number:064X}")
    }

    fn send(&self, kind: &str, hub: &HubName, device: &DeviceId, mut data: Value) {
        let hub = hub.as_str().split('.').next().unwrap_or_default();
        if let Some(data) = data.as_object_mut() {
            data.extend([
                ("hubName".to_owned(), json!(hub)),
                ("deviceId".to_owned(), json!(device)),
            ]);
        }
        let group = "/SUBSCRIPTIONS/LOCAL/RESOURCEGROUPS/LOCAL/PROVIDERS/MICROSOFT.DEVICES/IOTHUBS";
        // It is lost if too many wait.
        drop(self.sender.try_send(json!([{
            "id": Uuid::new_v4().to_string(),
            "topic": format!("{group}/{}", hub.to_ascii_uppercase()),
            "subject": format!("devices/{device}"),
            "eventType": format!("Microsoft.Devices.{kind}"),
            "eventTime": written(self.clock.now()),
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
