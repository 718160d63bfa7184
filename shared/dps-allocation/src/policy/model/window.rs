//! The time in which a row, or the state of a hub, exists.

use jiff::Timestamp;

/// The time from `begins` on, until `ends`, which is no longer part of it; at least one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    From(Timestamp),
    Until(Timestamp),
    Between(Timestamp, Timestamp),
}

/// On which side of a window a moment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    /// It begins at this time.
    Before(Timestamp),
    /// It ended at this time.
    After(Timestamp),
}

impl Window {
    /// None without a limit.
    pub(crate) fn new(begins: Option<Timestamp>, ends: Option<Timestamp>) -> Option<Self> {
        match (begins, ends) {
            (Some(begins), Some(ends)) => Some(Self::Between(begins, ends)),
            (Some(begins), None) => Some(Self::From(begins)),
            (None, Some(ends)) => Some(Self::Until(ends)),
            (None, None) => None,
        }
    }

    /// A moment within: its first.
    pub(crate) fn moment(self) -> Timestamp {
        match self {
            Self::From(begins) | Self::Between(begins, _) => begins,
            Self::Until(_) => Timestamp::MIN,
        }
    }

    /// On which side of it a moment is; none within.
    pub(crate) fn excludes(self, now: Timestamp) -> Option<Outside> {
        let (begins, ends) = match self {
            Self::From(begins) => (Some(begins), None),
            Self::Until(ends) => (None, Some(ends)),
            Self::Between(begins, ends) => (Some(begins), Some(ends)),
        };
        let before = begins.filter(|begins| now < *begins).map(Outside::Before);
        before.or_else(|| ends.filter(|ends| *ends <= now).map(Outside::After))
    }
}
