//! The public part of a key that stays in its TPM.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;
use serde::{Deserialize, Serialize};

use super::rsa::RsaKey;
use super::wire::{AES, CFB, RSA, Reader, SHA256, sized};

/// `restricted` and `decrypt`: the key opens what was sealed for it, and nothing else.
const STORAGE: u32 = 0x0003_0000;

/// The exponent that a TPM means with 0.
const USUAL_EXPONENT: u32 = 65537;

/// Why a text is not a key of a TPM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a key of a TPM has to be base64 of a TPM2B_PUBLIC: a storage key with RSA of 2048 to 4096 bits, SHA-256 and AES-128-CFB, as \
     endorsement keys and storage root keys usually are"
)]
pub(crate) struct TpmKeyError;

/// An endorsement key or a storage root key, written in base64.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct TpmKey {
    /// `TPMT_PUBLIC`.
    area: Vec<u8>,
    rsa: RsaKey,
}

impl TpmKey {
    /// Reads a `TPM2B_PUBLIC`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, TpmKeyError> {
        let mut outer = Reader(bytes);
        match (outer.sized(), outer.0) {
            (Some(area), []) => Ok(Self {
                rsa: storage_key(area).ok_or(TpmKeyError)?,
                area: area.to_vec(),
            }),
            _ => Err(TpmKeyError),
        }
    }

    /// What a TPM calls it: an algorithm, and the hash of its public part.
    pub(super) fn name(&self) -> Vec<u8> {
        name(&self.area)
    }

    /// Encrypts a seed. `label` says what it is for, and is part of the encryption with the zero that ends it.
    pub(super) fn encrypt(&self, seed: &[u8; 32], label: &str) -> Vec<u8> {
        self.rsa.encrypt(seed, &[label.as_bytes(), &[0]].concat())
    }
}

/// `TPMT_PUBLIC` of a storage key; `None` if it is something else.
fn storage_key(area: &[u8]) -> Option<RsaKey> {
    let mut area = Reader(area);
    let (kind, hash) = (area.u16()?, area.u16()?);
    let (attributes, _policy) = (area.u32()?, area.sized()?);
    let symmetric = (area.u16()?, area.u16()?, area.u16()?);
    let (_scheme, _bits) = (area.u16()?, area.u16()?);
    let (exponent, modulus) = (area.u32()?, area.sized()?);
    let is_storage_key = kind == RSA
        && hash == SHA256
        && attributes & STORAGE == STORAGE
        && symmetric == (AES, 128, CFB)
        && area.0.is_empty();
    let exponent = match exponent {
        0 => USUAL_EXPONENT,
        exponent => exponent,
    };
    let key = RsaKey::new(modulus, exponent)?;
    is_storage_key.then_some(key)
}

/// The name of an object with this public part.
pub(super) fn name(area: &[u8]) -> Vec<u8> {
    let hash = digest::digest(&digest::SHA256, area);
    [&SHA256.to_be_bytes(), hash.as_ref()].concat()
}

impl PartialEq for TpmKey {
    fn eq(&self, other: &Self) -> bool {
        self.area == other.area
    }
}

impl Eq for TpmKey {}

impl TryFrom<String> for TpmKey {
    type Error = TpmKeyError;

    fn try_from(text: String) -> Result<Self, TpmKeyError> {
        match STANDARD.decode(text.trim()) {
            Ok(bytes) => Self::read(&bytes),
            Err(_) => Err(TpmKeyError),
        }
    }
}

impl From<TpmKey> for String {
    fn from(key: TpmKey) -> Self {
        STANDARD.encode(sized(&key.area))
    }
}

impl fmt::Debug for TpmKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TpmKey({} bits)", self.rsa.bits())
    }
}
