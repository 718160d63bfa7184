//! A service on loopback, and those who call it.

mod called;
mod certificates;
mod device;
mod mqtt;
mod operator;
mod program;
mod webhook;

use std::num::NonZeroU32;

pub(crate) use dps_local::SimulatedTpm as Tpm;
use dps_local::{Clock, Limits, Log, Options, Server, SymmetricKey};
use jiff::Timestamp;

use called::Called;
pub(crate) use certificates::{Ca, Identity, Validity};
pub(crate) use device::Device;
pub(crate) use mqtt::{Mqtt, tls};
pub(crate) use operator::Operator;
pub(crate) use program::Program;
pub(crate) use webhook::Webhook;

/// So much faster than time, a registration whose webhook always fails ends within a second.
const SPEED: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// A key of the documentation, of a group.
pub(crate) const GROUP_KEY: &str =
    "oiK77Oy7rBw8YB6IS6ukRChAw+Yq6GC61RMrPLSTiOOtdI+XDu0LmLuNm11p+qv2I+adqGUdZHm46zXAQdZoOA==";

/// Another key.
pub(crate) const OTHER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A service with two hubs and no enrollments.
pub(crate) struct Service {
    pub(crate) server: Server,
    pub(crate) operator: Operator,
}

pub(crate) const WEST: &str = "contoso-weu-1.azure-devices.net";
pub(crate) const EAST: &str = "contoso-eus-1.azure-devices.net";

impl Service {
    pub(crate) async fn start() -> Self {
        Self::start_with(options()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        Self::start_logging(options, Log::default()).await
    }

    pub(crate) async fn start_logging(options: Options, log: Log) -> Self {
        let server = Server::start(options, log).await.unwrap();
        let operator = Operator::new(
            &server,
            "provisioningserviceowner",
            &server.owner_key().unwrap(),
        );
        for hub in [WEST, EAST] {
            operator.link(hub).await;
        }
        Self { server, operator }
    }

    /// A device with a derived key of [`GROUP_KEY`].
    pub(crate) fn device(&self, id: &str) -> Device {
        self.device_with_key(id, &key(GROUP_KEY).derive(id))
    }

    pub(crate) fn device_with_key(&self, id: &str, key: &SymmetricKey) -> Device {
        device(&self.server, id, key)
    }

    pub(crate) fn device_with_certificate(&self, id: &str, identity: &Identity) -> Device {
        Device::new(&self.server, id, Some(identity))
    }
}

/// A device with a key.
pub(crate) fn device(called: &impl Called, id: &str, key: &SymmetricKey) -> Device {
    let resource = format!("{}/registrations/{id}", called.id_scope());
    let token = dps_local::sign(key, &resource, Some("registration"), later());
    Device::new(called, id, None).with_token(token)
}

pub(crate) fn options() -> Options {
    Options {
        clock: Clock::new(Timestamp::now(), SPEED),
        limits: Limits {
            registrations_per_minute: 100_000,
            polls_per_ten_seconds: 100_000,
            ..Limits::default()
        },
        ..Options::default()
    }
}

pub(crate) fn key(text: &str) -> SymmetricKey {
    SymmetricKey::try_from(text.to_owned()).unwrap()
}

/// After the end of each test, however fast its clock is.
pub(crate) fn later() -> Timestamp {
    "2099-01-01T00:00:00Z".parse().unwrap()
}
