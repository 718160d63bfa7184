//! What a service is started with.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Clock;

/// How to start a service. The defaults are those of DPS, on loopback, and keep nothing.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens.
    pub address: IpAddr,
    /// For HTTPS; 0 for any free one.
    pub https_port: u16,
    /// For MQTT over TLS; 0 for any free one.
    pub mqtt_port: u16,
    /// For AMQP over TLS; 0 for any free one.
    pub amqp_port: u16,
    /// Folder for what survives a restart: data, certificates, keys. None keeps nothing.
    pub folder: Option<PathBuf>,
    /// The time it goes by.
    pub clock: Clock,
    /// Id scope of the service.
    pub id_scope: String,
    /// First label of the service's host name.
    pub name: String,
    /// When a device is told to ask again.
    pub retry_after: Duration,
    /// How long the webhook may take. How long DPS waits is not known.
    pub webhook_timeout: Duration,
    /// Where what happens to devices on hubs is posted, as IoT Hub publishes it to Event Grid.
    pub events: Option<String>,
    /// How much there may be.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            https_port: 0,
            mqtt_port: 0,
            amqp_port: 0,
            folder: None,
            clock: Clock::system(),
            id_scope: "0ne00000001".to_owned(),
            name: "dps-local".to_owned(),
            retry_after: Duration::from_secs(3),
            webhook_timeout: Duration::from_secs(30),
            events: None,
            limits: Limits::default(),
        }
    }
}

/// How much there may be.
///
/// Source of the defaults: <https://github.com/MicrosoftDocs/azure-docs/blob/main/includes/iot-dps-limits.md>
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Registrations in a minute.
    pub registrations_per_minute: usize,
    /// Polls of one device in ten seconds.
    pub polls_per_ten_seconds: usize,
    /// Registrations.
    pub registrations: usize,
    /// Individual enrollments.
    pub individual_enrollments: usize,
    /// Enrollment groups with certificates.
    pub x509_groups: usize,
    /// Enrollment groups with symmetric keys.
    pub symmetric_key_groups: usize,
    /// CA certificates.
    pub certificates: usize,
    /// Linked hubs.
    pub linked_hubs: usize,
    /// Bytes of a message.
    pub message_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            registrations_per_minute: 1000,
            polls_per_ten_seconds: 5,
            registrations: 1_000_000,
            individual_enrollments: 1_000_000,
            x509_groups: 100,
            symmetric_key_groups: 100,
            certificates: 25,
            linked_hubs: 50,
            message_bytes: 96 * 1024,
        }
    }
}
