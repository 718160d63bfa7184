//! Who calls, and what is answered, on every way in.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use serde_json::Value;

use crate::refusal::Refusal;

/// A device that calls, as it describes itself.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) id_scope: String,
    pub(crate) registration_id: String,
    pub(crate) credential: Credential,
    pub(crate) transport: Transport,
}

/// The way by which a device calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Https,
    Mqtt,
    Amqp,
}

impl Transport {
    /// As the registration log names it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Mqtt => "mqtt",
            Self::Amqp => "amqp",
        }
    }
}

/// What a device shows.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    None,
    /// A shared access signature.
    Token(String),
    /// Of the TLS handshake, which has shown that the device holds the key of the first.
    Certificates(Arc<[CertificateDer<'static>]>),
}

impl Credential {
    /// A token counts before a certificate, which the client may have for another reason.
    pub(crate) fn new(token: Option<&str>, certificates: &Arc<[CertificateDer<'static>]>) -> Self {
        match token {
            Some(token) => Self::Token(token.to_owned()),
            None if certificates.is_empty() => Self::None,
            None => Self::Certificates(Arc::clone(certificates)),
        }
    }
}

/// What a device gets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            retry_after: None,
            body,
        }
    }

    /// When the device is told to ask again, in whole seconds.
    pub(crate) fn retry_seconds(&self) -> Option<u64> {
        self.retry_after.map(|wait| wait.as_secs().max(1))
    }

    pub(crate) fn refused(refusal: &Refusal, now: Timestamp) -> Self {
        Self {
            status: refusal.status,
            retry_after: refusal.retry_after,
            body: refusal.body(now),
        }
    }
}
