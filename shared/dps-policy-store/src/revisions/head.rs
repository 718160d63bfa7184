//! The row that names a stored revision, and the tables that it leads to.

use dps_allocation::tables::Tables;
use dps_allocation::{Policy, RevisionPrefix};

use super::error::RevisionError;
use super::rows::Revisions;
use super::text;
use crate::archive::{Archive, checksum};
use crate::azure::StoredRow;

pub(super) const HEADS: &str = "revision";

/// The column of a head that only a push knows so far.
pub(super) const ATTEMPT: &str = "attempt";

/// Digits of a revision in the rows of older versions, which cannot tell all contents apart.
const OLD_DIGITS: usize = 12;

/// Digits of a checksum in the keys of the pieces of such a revision.
const OLD_CHECKSUM: usize = 16;

/// A row of the partition [`HEADS`].
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// As its key shows it.
    pub(super) revision: RevisionPrefix,
    pub(super) row: StoredRow,
}

/// The tables of a stored revision, as they were when it was stored; without `devices`.
#[derive(Debug)]
pub struct StoredRevision {
    /// The whole revision; 12 digits if an older version stored it, and this one finds errors
    /// in it.
    pub revision: RevisionPrefix,
    /// The rows as they were read.
    pub tables: Tables,
    /// The policy that they are; none if this version finds errors in them.
    pub policy: Option<Policy>,
}

impl Head {
    /// None for a row that no version has written.
    fn of(row: StoredRow) -> Option<Self> {
        let key = row.key.row.as_str();
        let revision: RevisionPrefix = key.parse().ok()?;
        let is_ours = revision.is_whole() || key.len() == OLD_DIGITS;
        (is_ours && revision.to_string() == key).then_some(Self { revision, row })
    }

    pub(super) fn is_attempt(&self) -> bool {
        !self.row.cell(ATTEMPT).is_empty()
    }

    fn checksum(&self) -> &str {
        self.row.cell("checksum")
    }

    /// What the keys of its pieces begin with.
    fn piece(&self) -> &str {
        let checksum = self.checksum();
        if self.revision.is_whole() {
            checksum
        } else {
            checksum.get(..OLD_CHECKSUM).unwrap_or(checksum)
        }
    }

    pub(super) fn damaged(&self) -> RevisionError {
        RevisionError::Damaged(self.revision.clone())
    }
}

impl Revisions<'_> {
    pub(super) async fn heads(&self) -> Result<Vec<Head>, RevisionError> {
        let rows = self.partition(HEADS).await?;
        Ok(rows.into_iter().filter_map(Head::of).collect())
    }

    /// The tables that a head leads to.
    ///
    /// # Errors
    /// [`RevisionError::Damaged`] and [`RevisionError::Collision`]; never other tables than those
    /// of the revision.
    pub(super) async fn read(&self, head: &Head) -> Result<StoredRevision, RevisionError> {
        let pieces = self.partition(&text_partition(&head.revision)).await?;
        let of_head = |row: &&StoredRow| {
            let key = row.key.row.as_str().rsplit_once('-');
            key.is_some_and(|(piece, _number)| piece == head.piece())
        };
        let of_head = pieces.iter().filter(of_head);
        let text = text::joined(of_head.map(|row| row.cells.as_slice()));
        let restored = (checksum(&text) == head.checksum()).then(|| {
            let archive: Option<Archive<'_>> = serde_json::from_str(&text).ok();
            archive.and_then(|archive| archive.restore().ok())
        });
        let tables = restored.flatten().ok_or_else(|| head.damaged())?;
        // The checksum says that the text is the one that was stored. Where today's checks refuse
        // it, there is no revision to compare; the user of the tables checks them.
        let policy = Policy::read(&tables).policy;
        let revision = match &policy {
            None => head.revision.clone(),
            Some(policy) if head.revision.matches(policy.revision()) => policy.revision().into(),
            Some(_) => return Err(RevisionError::Collision(head.revision.clone())),
        };
        Ok(StoredRevision {
            revision,
            tables,
            policy,
        })
    }
}

pub(super) fn text_partition(revision: &RevisionPrefix) -> String {
    format!("text-{revision}")
}

/// Two instances may store the same revision with different notes: each has its own text.
pub(super) fn piece_key(checksum: &str, number: usize) -> String {
    format!("{checksum}-{number:04}")
}
