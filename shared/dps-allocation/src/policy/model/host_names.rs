//! Finds hubs by their host names, in any case.

use hashbrown::HashTable;

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
pub(super) struct HostNames(HashTable<HostName>);

impl HostNames {
    pub(super) fn insert(&mut self, hub: HubIndex, host: Box<str>, is_device_name: bool) {
        let name = HostName {
            host,
            hub,
            is_device_name,
        };
        let hash_of = |name: &HostName| hash(&name.host);
        self.0.insert_unique(hash_of(&name), name, hash_of);
    }

    #[inline]
    pub(super) fn find(&self, host: &str) -> Option<&HostName> {
        // Nearly always in the same case, and comparing bytes is faster.
        let is_it = |name: &HostName| *name.host == *host || name.host.eq_ignore_ascii_case(host);
        self.0.find(hash(host), is_it)
    }
}

/// A hash that ignores case: upper and lower case letters differ in the bit that is set.
///
/// A request names up to 50 hubs, so this is most of a decision: it takes sixteen bytes at a time,
/// where std's hash would cost more than the rest of the decision together.
fn hash(host: &str) -> u64 {
    const CASE: u64 = 0x2020_2020_2020_2020;
    // An odd constant with well-spread bits: the golden ratio in 64 bits.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) | CASE;
    let mix = |hash: u64, [one, other]: [u64; 2]| {
        let (low, high) = (hash ^ one).carrying_mul(SPREAD ^ other, 0);
        low ^ high
    };
    let (words, _) = host.as_bytes().as_chunks();
    let (_, words_at_end) = host.as_bytes().as_rchunks();
    let (pairs, _) = words.as_chunks();
    let pairs = pairs.iter().map(|pair| pair.each_ref().map(word));
    let last = match words_at_end.last_chunk() {
        Some(last) => last.each_ref().map(word),
        None => [0, short(host)],
    };
    mix(pairs.fold(host.len() as u64, mix), last)
}

/// A hash of a name that is shorter than sixteen bytes, which none of Azure is.
fn short(host: &str) -> u64 {
    let bytes = host.bytes().map(|byte| u64::from(byte | 0x20));
    bytes.fold(0, |hash, byte| hash.rotate_left(8) ^ byte)
}
