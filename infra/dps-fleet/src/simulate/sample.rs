//! Some of the devices of a log, chosen by their ids, in memory of a fixed size.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;

/// Most devices.
const MOST: usize = 1 << 16;

/// When a device registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) count: u32,
}

/// Some of the devices of a log: all whose hashes end with so many zeros, which are more the larger
/// the log is. So it does not matter in which order lines come, or which thread reads them.
#[derive(Debug, Default)]
pub(super) struct Sample {
    devices: HashMap<u64, Times>,
    zeros: u32,
}

impl Sample {
    pub(super) fn add(&mut self, id: &str, at: Timestamp) {
        let mut hash = DefaultHasher::new();
        id.to_ascii_lowercase().hash(&mut hash);
        let times = Times {
            first: at,
            last: at,
            count: 1,
        };
        self.insert(hash.finish(), times);
        self.shrink(self.zeros);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (hash, times) in other.devices {
            self.insert(hash, times);
        }
        self.shrink(self.zeros.max(other.zeros));
    }

    fn insert(&mut self, hash: u64, more: Times) {
        if hash.trailing_zeros() < self.zeros {
            return;
        }
        let times = self
            .devices
            .entry(hash)
            .or_insert(Times { count: 0, ..more });
        times.first = times.first.min(more.first);
        times.last = times.last.max(more.last);
        times.count = times.count.saturating_add(more.count);
    }

    /// Keeps those whose hashes end with so many zeros, or with more if these are too many.
    fn shrink(&mut self, zeros: u32) {
        let mut wanted = zeros;
        while wanted > self.zeros || self.devices.len() > MOST {
            self.zeros = wanted.max(self.zeros + 1);
            wanted = self.zeros;
            let zeros = self.zeros;
            self.devices
                .retain(|hash, _| hash.trailing_zeros() >= zeros);
        }
    }

    pub(super) fn times(&self) -> impl Iterator<Item = Times> {
        self.devices.values().copied()
    }

    /// About how many devices there are.
    pub(super) fn about(&self) -> u64 {
        (self.devices.len() as u64)
            .saturating_mul(1_u64.checked_shl(self.zeros).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(numbers: impl Iterator<Item = u32>) -> Sample {
        let mut sample = Sample::default();
        for number in numbers {
            let at = Timestamp::from_second(i64::from(number)).unwrap();
            sample.add(&format!("pump-{}", number % 300_000), at);
        }
        sample
    }

    #[test]
    fn a_large_log_takes_no_more_memory_and_its_parts_are_the_whole() {
        let whole = sample(0..600_000);
        assert!(whole.devices.len() <= MOST);
        assert!(
            (270_000..330_000).contains(&whole.about()),
            "{}",
            whole.about()
        );
        assert!(whole.times().all(|it| it.count == 2));
        let mut parts = sample((0..600_000).step_by(2));
        parts.merge(sample((1..600_000).step_by(2)));
        assert_eq!((parts.zeros, &parts.devices), (whole.zeros, &whole.devices));
        let mut small = sample(0..9);
        small.merge(sample(5..12));
        assert_eq!((small.zeros, small.devices.len()), (0, 12));
    }
}
