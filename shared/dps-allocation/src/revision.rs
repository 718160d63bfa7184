//! The revision of a policy: the content hash that tells it from every other policy.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::tables::Canonical;

/// The first 48 bits of the SHA-256 of the canonical rows, shown as 12 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision([u8; 6]);

impl Revision {
    pub(crate) fn of(canonical: &Canonical) -> Self {
        Self(
            canonical
                .digest()
                .first_chunk()
                .copied()
                .unwrap_or_default(),
        )
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is not a revision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a revision; write its 12 hex digits, as history shows them")]
pub struct NotARevision(String);

impl FromStr for Revision {
    type Err = NotARevision;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = (hex && text.len() == 12).then(|| u64::from_str_radix(text, 16).ok());
        let number = number
            .flatten()
            .ok_or_else(|| NotARevision(text.to_owned()))?;
        let [_, _, bytes @ ..] = number.to_be_bytes();
        Ok(Self(bytes))
    }
}

impl Serialize for Revision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
