//! SipHash-2-4 under a key derived from a label and a salt.
//!
//! The derivation and every number that follows from it are a published contract:
//! `vectors/hashing.json` holds examples, `vectors/check.py` is a second implementation.

use std::fmt;

use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher24;

/// SipHash-2-4 with its key. `Debug` hides the key: with it, a device could choose its hub.
#[derive(Clone, Copy)]
pub(super) struct KeyedHash(SipHasher24);

impl KeyedHash {
    /// Key: the first 16 bytes of SHA-256 of `label` followed by `salt`.
    ///
    /// A label ends in a zero byte, so that no two pairs of label and salt run together.
    pub(super) fn new(label: &str, salt: &str) -> Self {
        Self(SipHasher24::new_with_key(&key(label, salt)))
    }

    /// The 64-bit SipHash-2-4 of the UTF-8 bytes of `text`.
    pub(super) fn hash(&self, text: &str) -> u64 {
        self.0.hash(text.as_bytes())
    }
}

impl fmt::Debug for KeyedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedHash(..)")
    }
}

fn key(label: &str, salt: &str) -> [u8; 16] {
    let digest = Sha256::new()
        .chain_update(label)
        .chain_update(salt)
        .finalize();
    let mut key = [0; 16];
    for (to, from) in key.iter_mut().zip(digest) {
        *to = from;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appendix A of the paper, <https://www.aumasson.jp/siphash/siphash.pdf>: key 00 to 0f,
    /// message 00 to 0e.
    #[test]
    fn the_hash_is_the_papers() {
        let key: [u8; 16] = std::array::from_fn(|i| i.try_into().unwrap());
        let message: [u8; 15] = std::array::from_fn(|i| i.try_into().unwrap());
        let hash = SipHasher24::new_with_key(&key).hash(&message);
        assert_eq!(hash, 0xa129_ca61_49be_45e5);
    }

    #[test]
    fn keys_are_the_published_ones() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../vectors/hashing.json")).unwrap();
        let keys = vectors["keys"].as_array().unwrap();
        assert!(keys.len() >= 8);
        for vector in keys {
            let text = |name: &str| vector[name].as_str().unwrap();
            let derived = u128::from_be_bytes(key(text("label"), text("salt")));
            assert_eq!(format!("{derived:032x}"), text("key"), "{vector}");
        }
    }

    #[test]
    fn debug_hides_the_key() {
        assert_eq!(
            format!("{:?}", KeyedHash::new("label\0", "salt")),
            "KeyedHash(..)"
        );
    }
}
