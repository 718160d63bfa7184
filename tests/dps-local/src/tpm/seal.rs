//! Encryption for the holder of a storage key: the outer wrapper of credentials and of objects that move.

use aes::Aes128;
use aes::cipher::KeyIvInit as _;
use ring::hmac;

use super::public::TpmKey;
use super::wire::sized;
use crate::key::random_bytes;

/// What a TPM opens with one of its keys.
#[derive(Debug)]
pub(super) struct Sealed {
    /// HMAC and ciphertext.
    pub(super) data: Vec<u8>,
    /// The seed of both of their keys, encrypted with RSA.
    pub(super) seed: Vec<u8>,
}

/// Encrypts `content` for the holder of `to`, bound to the object called `name`; `label` says what for.
pub(super) fn seal(to: &TpmKey, label: &str, name: &[u8], mut content: Vec<u8>) -> Sealed {
    let seed = random();
    let mut key = [0; 16];
    let derived = derive(&seed, "STORAGE", name, 128);
    key.iter_mut()
        .zip(derived.as_ref())
        .for_each(|(byte, derived)| *byte = *derived);
    encrypt(&key, &mut content);
    let derived = derive(&seed, "INTEGRITY", &[], 256);
    let mac_key = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
    let mac = hmac::sign(&mac_key, &[content.as_slice(), name].concat());
    Sealed {
        data: [sized(mac.as_ref()), content].concat(),
        seed: to.encrypt(&seed, label),
    }
}

/// AES-128-CFB, with zeros to begin with: no key is used twice.
pub(super) fn encrypt(key: &[u8; 16], content: &mut [u8]) {
    cfb_mode::Encryptor::<Aes128>::new(key.into(), &[0; 16].into()).encrypt(content);
}

pub(super) fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes.copy_from_slice(&random_bytes(LENGTH));
    bytes
}

/// `KDFa` of the TPM Library with SHA-256, for keys that are no longer than its hash.
fn derive(seed: &[u8; 32], label: &str, context: &[u8], bits: u32) -> hmac::Tag {
    let mut kdf = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, seed));
    let round = 1_u32.to_be_bytes();
    for part in [&round, label.as_bytes(), &[0], context, &bits.to_be_bytes()] {
        kdf.update(part);
    }
    kdf.sign()
}
