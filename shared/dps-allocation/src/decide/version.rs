//! Versions of the decision: where the same tables and request give another one than before.

/// How decisions are made; a log line is replayed as it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// A device on a hub of a rollout's `to` stays there, whatever later rollouts say. A hub without
    /// a row is never the answer.
    First,
    /// A later rollout empties a hub that is not open. A device on a linked hub without a row keeps
    /// it, as if the hub were draining.
    Second,
}

impl Version {
    /// Every version, the oldest first.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

    /// The version of [`crate::decide`] and [`crate::explain`].
    pub const NEWEST: Self = Self::Second;

    /// The version of that number, from 1; none if this program does not know it.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        let mut known = Self::ALL.into_iter();
        known.find(|version| version.number() == number)
    }

    /// The number in log lines.
    #[must_use]
    pub fn number(self) -> u32 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// Whether a later rollout may take a device off a hub of `to` that is not open.
    pub(super) fn evacuation_wins(self) -> bool {
        self >= Self::Second
    }

    /// Whether a device keeps a linked hub without a row.
    pub(super) fn unlisted_stays(self) -> bool {
        self >= Self::Second
    }
}
