//! RSA as TPMs use it to receive a seed: OAEP with SHA-256 (RFC 8017, section 7.1.1).
//!
//! Public keys and one way only: nothing here depends on a private key. The `rsa` crate would do, but brings private keys
//! (RUSTSEC-2023-0071) and compiles the hashes of the whole workspace again.

use num_bigint::BigUint;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

use crate::key::random_bytes;

/// Bytes of the modulus, of keys of 2048, 3072 and 4096 bits.
const SIZES: [usize; 3] = [256, 384, 512];

/// A public key.
#[derive(Clone)]
pub(super) struct RsaKey {
    modulus: BigUint,
    exponent: BigUint,
    /// Of the modulus, in bytes.
    size: usize,
}

impl RsaKey {
    /// `None` if the modulus has another size or is even, or the exponent is not an odd number above 2.
    pub(super) fn new(modulus: &[u8], exponent: u32) -> Option<Self> {
        let is_whole = modulus.first().is_some_and(|byte| byte & 0x80 != 0);
        let is_odd = modulus.last().is_some_and(|byte| byte & 1 == 1);
        let is_good = is_whole && is_odd && exponent > 2 && exponent & 1 == 1;
        (is_good && SIZES.contains(&modulus.len())).then(|| Self {
            modulus: BigUint::from_bytes_be(modulus),
            exponent: exponent.into(),
            size: modulus.len(),
        })
    }

    pub(super) fn bits(&self) -> usize {
        self.size * 8
    }

    pub(super) fn encrypt(&self, message: &[u8; 32], label: &[u8]) -> Vec<u8> {
        let mut seed = random_bytes(SHA256_OUTPUT_LEN);
        let used = 2 + 2 * SHA256_OUTPUT_LEN + message.len();
        let mut block = [
            digest(&SHA256, label).as_ref(),
            &vec![0; self.size - used],
            &[1],
            message,
        ]
        .concat();
        mask(&mut block, &seed);
        mask(&mut seed, &block);
        let encoded = BigUint::from_bytes_be(&[seed, block].concat());
        let encrypted = encoded.modpow(&self.exponent, &self.modulus).to_bytes_be();
        // As long as the modulus, whatever the number.
        let zeros = vec![0; self.size - encrypted.len()];
        [zeros, encrypted].concat()
    }
}

/// Exclusive or with MGF1 of a seed.
fn mask(bytes: &mut [u8], seed: &[u8]) {
    for (counter, part) in (0_u32..).zip(bytes.chunks_mut(SHA256_OUTPUT_LEN)) {
        let mask = digest(&SHA256, &[seed, &counter.to_be_bytes()].concat());
        for (byte, mask) in part.iter_mut().zip(mask.as_ref()) {
            *byte ^= mask;
        }
    }
}
