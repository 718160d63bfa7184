//! The revision of a policy: the content hash that tells it from every other policy.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::tables::{Canonical, Tables};

/// SHA-256 of the canonical rows, shown as 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision([u8; 32]);

/// The first digits of a revision, as people read and write it; all 64 of them name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RevisionPrefix(Box<str>);

/// Digits of a whole revision.
const DIGITS: usize = 64;

/// Digits that people read where two revisions need no more.
const SHORT: usize = 12;

/// Fewest digits that stand for a revision.
const MIN_DIGITS: usize = 7;

impl Revision {
    pub(crate) fn of(canonical: &Canonical) -> Self {
        Self(canonical.digest())
    }

    /// The revision of tables, whether they are a policy or not.
    #[must_use]
    pub fn of_tables(tables: &Tables) -> Self {
        Self::of(&Canonical::read(tables).0)
    }

    /// The first 12 digits, for people; two revisions may share them.
    #[must_use]
    pub fn short(self) -> RevisionPrefix {
        RevisionPrefix::from(self).first(SHORT)
    }
}

impl RevisionPrefix {
    /// Fewest digits of [`RevisionPrefix::first`] where nothing is ambiguous.
    pub const SHORT: usize = SHORT;

    /// Whether these are the first digits of the revision.
    #[must_use]
    pub fn matches(&self, revision: Revision) -> bool {
        self.begins(&revision.into())
    }

    /// Whether the other one has these digits too, and maybe more.
    #[must_use]
    pub fn begins(&self, other: &Self) -> bool {
        other.0.starts_with(&*self.0)
    }

    /// Whether both may stand for the same revision.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.begins(other) || other.begins(self)
    }

    /// Whether it names one revision: it has all digits.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.len() == DIGITS
    }

    /// Its first `digits` digits, at least 7.
    #[must_use]
    pub fn first(&self, digits: usize) -> Self {
        let digits = self.0.get(..digits.max(MIN_DIGITS));
        Self(digits.unwrap_or(&self.0).into())
    }

    /// At most 12 digits of it, for people.
    #[must_use]
    pub fn short(&self) -> Self {
        self.first(SHORT)
    }
}

impl From<Revision> for RevisionPrefix {
    fn from(revision: Revision) -> Self {
        Self(revision.to_string().into())
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = String::with_capacity(DIGITS);
        for byte in self.0 {
            write!(digits, "{byte:02x}")?;
        }
        f.pad(&digits)
    }
}

impl fmt::Display for RevisionPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The text is not a revision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is not a revision; write 7 to 64 of its hex digits, as `dps-policy history` shows them"
)]
pub struct NotARevision;

impl FromStr for RevisionPrefix {
    type Err = NotARevision;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_prefix = (MIN_DIGITS..=DIGITS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_prefix {
            return Err(NotARevision);
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

impl Serialize for Revision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for RevisionPrefix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
