//! How often devices register.

use jiff::SignedDuration;

/// Less is no time between two registrations.
pub(super) const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// How often devices register: times between two registrations, each of as many devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace(Vec<SignedDuration>);

impl Pace {
    /// Every device every so often.
    #[must_use]
    pub fn every(length: SignedDuration) -> Self {
        Self(vec![length])
    }

    /// Times of which each counts for as many devices, the shortest first.
    pub(super) fn of(lengths: Vec<SignedDuration>) -> Self {
        Self(lengths)
    }

    /// The shortest first; at least one.
    pub(super) fn lengths(&self) -> &[SignedDuration] {
        &self.0
    }

    /// Half of the devices register more often.
    #[must_use]
    pub fn middle(&self) -> SignedDuration {
        let middle = self.0.get(self.0.len() / 2);
        middle.copied().unwrap_or(SHORTEST)
    }

    /// The seconds between two registrations, each of as many devices, the shortest first.
    pub fn seconds(&self) -> impl Iterator<Item = i64> {
        self.0.iter().map(SignedDuration::as_secs)
    }
}
