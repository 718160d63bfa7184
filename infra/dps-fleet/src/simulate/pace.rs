//! How often devices register.

use jiff::SignedDuration;

/// Shortest time between two registrations.
pub(super) const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// How often devices register: the times between two registrations of equal parts of the devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace(Vec<SignedDuration>);

impl Pace {
    /// All devices register with this time between two registrations.
    #[must_use]
    pub fn every(length: SignedDuration) -> Self {
        Self(vec![length])
    }

    /// The times of equal parts of the devices, the shortest first.
    pub(super) fn of(lengths: Vec<SignedDuration>) -> Self {
        Self(lengths)
    }

    /// The shortest first; at least one.
    pub(super) fn lengths(&self) -> &[SignedDuration] {
        &self.0
    }

    /// The median: half of the devices register at least as often.
    #[must_use]
    pub fn middle(&self) -> SignedDuration {
        let middle = self.0.get(self.0.len() / 2);
        middle.copied().unwrap_or(SHORTEST)
    }

    /// The same in seconds.
    pub fn seconds(&self) -> impl Iterator<Item = i64> {
        self.0.iter().map(SignedDuration::as_secs)
    }
}
