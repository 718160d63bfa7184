//! What a device can meet.

use serde_json::Value;

/// Why a device is not registered, or not connected.
#[derive(Debug, thiserror::Error)]
pub enum SimulatedError {
    /// A certificate or its key is none.
    #[error("cannot read a certificate or its key: {0}")]
    Pem(#[from] rustls::pki_types::pem::Error),
    /// TLS has failed, or cannot begin.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The service cannot be reached over HTTPS, or does not answer JSON.
    #[error("HTTPS: {0}")]
    Https(#[from] reqwest::Error),
    /// The service refuses.
    #[error("the service answers {status}: {body}")]
    Refused {
        /// Of HTTP.
        status: u16,
        /// With `errorCode` and `message`.
        body: Value,
    },
    /// The hub cannot be reached.
    #[error("MQTT: {0}")]
    Mqtt(#[from] std::io::Error),
    /// The hub answers something else than what was asked.
    #[error("the hub answers `{0}`")]
    Hub(String),
}
