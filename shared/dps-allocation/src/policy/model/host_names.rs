//! Finds hubs by their host names, in any case.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::hub_set::HubIndex;

/// A host name of a hub in lower case.
#[derive(Clone, Debug)]
pub(super) struct HostName {
    host: Box<str>,
    pub(super) hub: HubIndex,
    /// Whether it is the one for newer TLS.
    pub(super) is_device_name: bool,
}

/// Every host name by which a request may name a hub, by its [`hash`].
#[derive(Clone, Debug, Default)]
pub(super) struct HostNames(HashMap<u64, HostName, BuildHasherDefault<AsIs>>);

impl HostNames {
    pub(super) fn insert(&mut self, hub: HubIndex, host: Box<str>, is_device_name: bool) {
        let mut at = hash(&host);
        while self.0.contains_key(&at) {
            at = at.wrapping_add(1);
        }
        let name = HostName {
            host,
            hub,
            is_device_name,
        };
        self.0.insert(at, name);
    }

    pub(super) fn find(&self, host: &str) -> Option<&HostName> {
        let mut at = hash(host);
        loop {
            let name = self.0.get(&at)?;
            // Nearly always in the same case, and comparing bytes is faster.
            if *name.host == *host || name.host.eq_ignore_ascii_case(host) {
                return Some(name);
            }
            at = at.wrapping_add(1);
        }
    }
}

/// Hashes a number that is a hash already.
#[derive(Clone, Debug, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// A hash that ignores case: upper and lower case letters differ in the bit that is set.
///
/// A request names up to 50 hubs, so this is most of a decision: it takes eight bytes at a time,
/// where std's hash would cost more than the rest of the decision together.
fn hash(host: &str) -> u64 {
    const CASE: u64 = 0x2020_2020_2020_2020;
    // An odd constant with well-spread bits: the golden ratio in 64 bits.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = host.as_bytes().as_chunks();
    let last = match host.as_bytes().last_chunk() {
        Some(last) => u64::from_le_bytes(*last) | CASE,
        None => rest
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(byte | 0x20)),
    };
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(SPREAD).rotate_left(29);
    let words = words.iter().map(|word| u64::from_le_bytes(*word) | CASE);
    let hash = mix(words.fold(host.len() as u64, mix), last);
    hash ^ hash >> 32
}
