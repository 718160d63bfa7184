//! Why a revision cannot be stored or read.

use std::collections::BTreeMap;
use std::iter;

use dps_allocation::RevisionPrefix;

use crate::azure::{Key, ReadError, RowError, WriteError};

/// A revision cannot be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// The table cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The table cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A text is longer than a row admits.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The revision is not stored.
    #[error("revision `{0}` is not stored; `dps-policy history` lists those that are")]
    Unknown(RevisionPrefix),
    /// Several stored revisions begin with the same digits.
    #[error(
        "`{wanted}` stands for several stored revisions, write more digits: {}",
        candidates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    Ambiguous {
        /// The digits.
        wanted: RevisionPrefix,
        /// The revisions.
        candidates: Vec<RevisionPrefix>,
    },
    /// The stored text has been edited.
    #[error("what is stored of revision `{0}` is not what was written; it cannot be used")]
    Damaged(RevisionPrefix),
    /// The row of a revision leads to a whole policy, which is another one.
    #[error(
        "other tables are stored as revision `{0}`, which does not happen by accident: find out who \
         has written them, and delete the row `revision/{0}`"
    )]
    Collision(RevisionPrefix),
    /// The report of a push is not there, or has been edited.
    #[error("what was predicted of revision `{0}` is not stored as it was written")]
    NoReport(RevisionPrefix),
    /// A row that is only ever inserted is there with another content.
    #[error(
        "the row `{0}` of revisions says something else than is to be written, which does not \
         happen by accident: find out who has written it, and delete it"
    )]
    Occupied(Key),
}

impl RevisionError {
    /// What there is of the only revision that is found.
    ///
    /// # Errors
    /// [`Self::Unknown`] and [`Self::Ambiguous`].
    pub fn only<T>(
        wanted: &RevisionPrefix,
        mut found: BTreeMap<RevisionPrefix, T>,
    ) -> Result<T, Self> {
        match found.pop_first() {
            None => Err(Self::Unknown(wanted.clone())),
            Some((_, only)) if found.is_empty() => Ok(only),
            Some((first, _)) => Err(Self::Ambiguous {
                wanted: wanted.clone(),
                candidates: iter::once(first).chain(found.into_keys()).collect(),
            }),
        }
    }

    /// Whether what is stored is at fault, not the way to it.
    #[must_use]
    pub fn is_about_content(&self) -> bool {
        match self {
            Self::Read(_) | Self::Write(_) | Self::Row(_) => false,
            Self::Unknown(_)
            | Self::Ambiguous { .. }
            | Self::Damaged(_)
            | Self::Collision(_)
            | Self::NoReport(_)
            | Self::Occupied(_) => true,
        }
    }
}
