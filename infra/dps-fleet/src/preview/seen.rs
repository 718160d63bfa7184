//! Recognizes ids that come twice, in memory of a fixed size.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};

/// Ids that were seen, as a Bloom filter: what it calls new is new, and of a hundred million new ids
/// it calls about one seen.
#[derive(Debug)]
pub(crate) struct Seen {
    blocks: Box<[[AtomicU64; WORDS]]>,
    count: AtomicU64,
}

/// Words of a block, which is one line of a cache.
const WORDS: usize = 8;

/// Bits of each id in its block.
const BITS: u32 = 12;

/// Most blocks: 64 MiB, for ten million ids.
const BLOCKS: usize = 1 << 20;

/// Ids of a block on average, at most.
const IDS: u64 = 10;

/// Odd numbers that spread the bits of a hash; each gives seven numbers of nine bits.
const SPREAD: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];

impl Seen {
    /// None yet, with room for about so many.
    pub(crate) fn for_about(ids: Option<u64>) -> Self {
        let blocks = ids.and_then(|ids| usize::try_from(ids / IDS).ok());
        let blocks = blocks.map_or(BLOCKS, |blocks| blocks.clamp(1024, BLOCKS));
        let block = || std::array::from_fn(|_| AtomicU64::new(0));
        Self {
            blocks: (0..blocks.next_power_of_two()).map(|_| block()).collect(),
            count: AtomicU64::new(0),
        }
    }

    /// Whether the id was there before; it is now. None: there are too many ids to tell.
    pub(crate) fn see(&self, id: &str) -> Option<bool> {
        let limit = self.blocks.len() as u64 * IDS;
        if self.count.load(Ordering::Relaxed) >= limit {
            return None;
        }
        let mut hash = DefaultHasher::new();
        id.hash(&mut hash);
        let hash = hash.finish();
        let mask = self.blocks.len() - 1;
        let at = usize::try_from(hash >> 40).unwrap_or_default() & mask;
        let block = self.blocks.get(at)?;
        let [first, second] = SPREAD;
        let spread = [
            hash.wrapping_mul(first),
            hash.rotate_left(29).wrapping_mul(second),
        ];
        let mut was_there = true;
        for number in 0..BITS {
            let [first, second] = spread;
            let bits = if number < 7 { first } else { second };
            let bit = (bits >> (9 * (number % 7))) & 0x1ff;
            let word = block.get(usize::try_from(bit / 64).unwrap_or_default())?;
            let before = word.fetch_or(1 << (bit % 64), Ordering::Relaxed);
            was_there &= before & (1 << (bit % 64)) != 0;
        }
        if !was_there {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        Some(was_there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_million_new_ids_none_is_called_seen() {
        let seen = Seen::for_about(Some(1_000_000));
        let ids = || (0..1_000_000_u32).map(|number| format!("pump-{number}"));
        let (new, again) = ids().fold((0, 0), |(new, again), id| match seen.see(&id) {
            Some(true) => (new, again + 1),
            _ => (new + 1, again),
        });
        assert_eq!((new, again), (1_000_000, 0));
        assert!(ids().all(|id| seen.see(&id) == Some(true)));
    }
}
