//! What a device shows.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::tpm::SimulatedTpm;
use crate::key::SymmetricKey;
use crate::signing::DeviceCertificate;
use crate::token::sign;

/// How long a token is good.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How a device shows who it is.
#[derive(Clone)]
pub enum SimulatedCredential {
    /// It does not.
    None,
    /// Its own key, which it signs tokens with.
    Key(SymmetricKey),
    /// In the TLS handshake.
    Certificate(DeviceCertificate),
    /// It can answer challenges.
    Tpm(TpmSession),
}

/// A TPM, and the key that it was challenged with. Clones share it.
#[derive(Clone)]
pub struct TpmSession {
    tpm: Arc<SimulatedTpm>,
    key: Arc<Mutex<Option<SymmetricKey>>>,
}

impl TpmSession {
    /// Before its first challenge.
    #[must_use]
    pub fn new(tpm: Arc<SimulatedTpm>) -> Self {
        Self {
            tpm,
            key: Arc::default(),
        }
    }

    /// The TPM.
    pub(super) fn tpm(&self) -> &SimulatedTpm {
        &self.tpm
    }

    /// Keeps the key of a challenge, which only this TPM can open; `None` before another challenge.
    pub(super) fn keep(&self, key: Option<SymmetricKey>) {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = key;
    }

    fn key(&self) -> Option<SymmetricKey> {
        let key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        key.clone()
    }
}

impl SimulatedCredential {
    /// A token for this resource; `None` if the credential is another.
    pub(super) fn token(&self, resource: &str, policy: Option<&str>) -> Option<String> {
        let key = match self {
            Self::Key(key) => key.clone(),
            Self::Tpm(session) => session.key()?,
            Self::None | Self::Certificate(_) => return None,
        };
        Some(sign(&key, resource, policy, Timestamp::now() + HOUR))
    }
}

impl std::fmt::Debug for SimulatedCredential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::None => "None",
            Self::Key(_) => "Key(..)",
            Self::Certificate(_) => "Certificate(..)",
            Self::Tpm(_) => "Tpm(..)",
        })
    }
}

impl std::fmt::Debug for TpmSession {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TpmSession(..)")
    }
}
