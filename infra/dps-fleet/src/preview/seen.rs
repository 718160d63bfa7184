//! Recognizes ids that come twice, in memory of a fixed size.

use std::sync::atomic::{AtomicU64, Ordering};

use fastbloom::AtomicBloomFilter;

/// Ids that were seen, as a Bloom filter: what it calls new is new, and of a hundred million new
/// ids it calls about one seen.
#[derive(Debug)]
pub(crate) struct Seen {
    ids: AtomicBloomFilter,
    count: AtomicU64,
    /// Most ids.
    room: u64,
}

/// Most ids of a small fleet, and of any other.
const ROOM: [u64; 2] = [100_000, 10_000_000];

/// Bits of the filter for each id that there is room for: 64 MB for all.
const BITS: u64 = 51;

/// Bits that an id sets.
const HASHES: u32 = 12;

/// The same in each run, so that what a run says can be repeated.
const SEED: u128 = 1;

impl Seen {
    /// None yet, with room for about so many. Only a small fleet gets less room, so that all others
    /// take the same memory.
    pub(crate) fn for_about(ids: Option<u64>) -> Self {
        let [few, most] = ROOM;
        let is_small = ids.is_some_and(|ids| ids <= few);
        let room = if is_small { few } else { most };
        let bits = usize::try_from(room * BITS).unwrap_or(usize::MAX);
        let ids = AtomicBloomFilter::with_num_bits(bits);
        Self {
            ids: ids.seed(&SEED).hashes(HASHES),
            count: AtomicU64::new(0),
            room,
        }
    }

    /// Whether the id was there before; it is now. `None`: there are too many ids to tell.
    pub(crate) fn see(&self, id: &str) -> Option<bool> {
        if self.count.load(Ordering::Relaxed) >= self.room {
            return None;
        }
        let was_there = self.ids.insert(id);
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

    #[test]
    fn beyond_the_room_nothing_is_told() {
        let seen = Seen::for_about(Some(10));
        let seen_before = (0..100_001_u32).map(|number| seen.see(&format!("pump-{number}")));
        assert_eq!(seen_before.filter(Option::is_none).count(), 1);
    }
}
