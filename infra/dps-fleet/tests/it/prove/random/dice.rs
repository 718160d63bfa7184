//! Random numbers that a seed repeats.

use fastrand::Rng;

#[derive(Debug)]
pub(super) struct Dice(Rng);

impl Dice {
    pub(super) fn of_seed(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit)
    }

    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}
