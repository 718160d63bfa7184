//! A symmetric key as an object of a TPM, which signs with it and does not give it away.

use ring::digest;

use super::public::name;
use super::seal::{encrypt, random};
use super::wire::{HMAC, KEYED_HASH, SHA256, sized};
use crate::key::SymmetricKey;

/// `userWithAuth`, `noDA` and `sign`; it may move, as it is made here and not in the TPM.
const ATTRIBUTES: u32 = 0x0004_0440;

/// An object with a key for HMAC-SHA256.
pub(super) struct Identity {
    /// `TPMT_PUBLIC`.
    pub(super) public: Vec<u8>,
    /// `TPMT_SENSITIVE`.
    sensitive: Vec<u8>,
}

impl Identity {
    pub(super) fn new(key: &SymmetricKey) -> Self {
        let obfuscation: [u8; 32] = random();
        let unique = digest::digest(&digest::SHA256, &[&obfuscation, key.as_bytes()].concat());
        let (no_policy, no_password) = (sized(&[]), sized(&[]));
        Self {
            public: [
                KEYED_HASH.to_be_bytes().to_vec(),
                SHA256.to_be_bytes().to_vec(),
                ATTRIBUTES.to_be_bytes().to_vec(),
                no_policy,
                HMAC.to_be_bytes().to_vec(),
                SHA256.to_be_bytes().to_vec(),
                sized(unique.as_ref()),
            ]
            .concat(),
            sensitive: [
                KEYED_HASH.to_be_bytes().to_vec(),
                no_password,
                sized(&obfuscation),
                sized(key.as_bytes()),
            ]
            .concat(),
        }
    }

    pub(super) fn name(&self) -> Vec<u8> {
        name(&self.public)
    }

    /// The inner wrapper: its private part with a hash, encrypted.
    pub(super) fn wrapped(&self, key: &[u8; 16]) -> Vec<u8> {
        let sensitive = sized(&self.sensitive);
        let integrity = digest::digest(
            &digest::SHA256,
            &[sensitive.as_slice(), &self.name()].concat(),
        );
        let mut wrapped = [sized(integrity.as_ref()), sensitive].concat();
        encrypt(key, &mut wrapped);
        wrapped
    }
}
