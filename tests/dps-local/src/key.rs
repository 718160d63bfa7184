//! Symmetric keys: of devices, groups and shared access policies.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{hmac, rand};
use serde::{Deserialize, Serialize};

/// Length of a key that is made here, as DPS makes them.
const MADE: usize = 64;

/// Why a text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not base64.
    #[error("a key has to be base64")]
    Encoding,
    /// It is too short or too long.
    #[error("a key has to have 16 to 64 bytes, this one has {0}")]
    Length(usize),
}

/// A symmetric key of 16 to 64 bytes, written in base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SymmetricKey(Vec<u8>);

impl SymmetricKey {
    /// A new key.
    #[must_use]
    pub fn random() -> Self {
        Self(random_bytes(MADE))
    }

    /// The key of a device that registers through a group with this key.
    ///
    /// `registration_id` counts as it is written: another case gives another key.
    #[must_use]
    pub fn derive(&self, registration_id: &str) -> Self {
        Self(self.sign(registration_id))
    }

    /// As a TPM keeps it.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// HMAC-SHA256 of a text.
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        hmac::sign(&self.hmac(), text.as_bytes()).as_ref().to_vec()
    }

    /// Whether the HMAC of the text is `signature`.
    pub(crate) fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        hmac::verify(&self.hmac(), text.as_bytes(), signature).is_ok()
    }

    fn hmac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }
}

impl TryFrom<String> for SymmetricKey {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        let bytes = STANDARD.decode(text.trim());
        let Ok(bytes) = bytes else {
            return Err(KeyError::Encoding);
        };
        match bytes.len() {
            16..=64 => Ok(Self(bytes)),
            length => Err(KeyError::Length(length)),
        }
    }
}

impl From<SymmetricKey> for String {
    fn from(key: SymmetricKey) -> Self {
        STANDARD.encode(key.0)
    }
}

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SymmetricKey(..)")
    }
}

/// Primary and secondary key; either is good, so that one can be replaced while the other is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyPair {
    pub(crate) primary_key: SymmetricKey,
    pub(crate) secondary_key: SymmetricKey,
}

impl KeyPair {
    pub(crate) fn random() -> Self {
        Self {
            primary_key: SymmetricKey::random(),
            secondary_key: SymmetricKey::random(),
        }
    }

    pub(crate) fn derive(&self, registration_id: &str) -> Self {
        Self {
            primary_key: self.primary_key.derive(registration_id),
            secondary_key: self.secondary_key.derive(registration_id),
        }
    }

    pub(crate) fn keys(&self) -> [&SymmetricKey; 2] {
        [&self.primary_key, &self.secondary_key]
    }
}

/// Bytes that nobody can guess.
///
/// # Panics
/// Where the system has no randomness to give: nothing here could be trusted then.
pub(crate) fn random_bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let filled = rand::SecureRandom::fill(&rand::SystemRandom::new(), &mut bytes);
    assert!(filled.is_ok(), "the system gives no random bytes");
    bytes
}
