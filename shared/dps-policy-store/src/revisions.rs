//! Accepted policies, each kept once under its revision, in the `Revisions` table.
//!
//! Texts are inserted and never replaced, so that any instance may keep a policy without asking
//! the others:
//!
//! | PartitionKey | RowKey | what |
//! |--|--|--|
//! | `text-REVISION` | `CHECKSUM-0000`, .. | the tables as text, in pieces |
//! | `revision` | `REVISION` | written last: the checksum of the text, so which pieces are its; `attempt` while only a push that has not finished knows it |
//! | `pushed` | `TIME-REVISION` | who pushed the revision, and why |

use std::fmt::Write as _;

use dps_allocation::tables::{TableName, Tables, digest};
use dps_allocation::{Policy, Revision};
use sha2::{Digest, Sha256};
use tracing::warn;

use crate::archive::Archive;
use crate::azure::{
    AzureTables, Batch, Change, Key, KeyPart, ReadError, Row, RowError, StoreTable, StoredRow,
    WriteError,
};

mod history;
mod text;
mod usable;

pub use history::{KeptRevision, PushNote};

/// The revisions that a set of tables keeps.
#[derive(Clone, Copy, Debug)]
pub struct Revisions<'s>(&'s AzureTables);

/// A lost answer is rare; three in a row mean that the way to the service is broken.
const TRIES: u32 = 3;

/// A revision cannot be kept or read.
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
    /// Nobody has kept that revision.
    #[error("revision `{0}` is not kept; `dps-policy history` lists those that are")]
    Unknown(Revision),
    /// Somebody has edited what was kept.
    #[error("what is kept of revision `{0}` is not what was stored; it cannot be used")]
    Damaged(Revision),
    /// Two contents have the same revision: somebody has made them so.
    #[error(
        "other tables are kept as revision `{0}`: two different contents have the same revision, \
         which does not happen by accident; change a row, and find out who has written them"
    )]
    Collision(Revision),
}

const HEADS: &str = "revision";

/// The column of a head that only a push knows so far.
const ATTEMPT: &str = "attempt";

impl<'s> Revisions<'s> {
    /// Those of these tables.
    #[must_use]
    pub fn of(tables: &'s AzureTables) -> Self {
        Self(tables)
    }

    /// Keeps the tables of a revision, unless somebody has; answers whether it was new.
    ///
    /// A call that was interrupted is finished by the next one, of whatever instance.
    ///
    /// # Errors
    /// [`RevisionError::Write`] and [`RevisionError::Read`]; [`RevisionError::Collision`] and
    /// [`RevisionError::Damaged`] where something else is kept as that revision.
    pub async fn keep(&self, revision: Revision, tables: &Tables) -> Result<bool, RevisionError> {
        match self.head(revision).await? {
            Some(head) => {
                self.holds(revision, tables).await?;
                self.is_used(&head).await?;
                Ok(false)
            }
            None => self.add(revision, tables, None).await,
        }
    }

    /// The same for a push that has not finished: what comes of it is not known yet.
    pub(crate) async fn keep_attempt(
        &self,
        revision: Revision,
        tables: &Tables,
    ) -> Result<(), RevisionError> {
        if self.head(revision).await?.is_none() {
            self.add(revision, tables, Some("push")).await?;
        }
        match self.holds(revision, tables).await {
            // The rows that are pushed are right; a rollback to them says what is wrong.
            Err(RevisionError::Damaged(_)) => Ok(()),
            holds => holds,
        }
    }

    /// The same for what the tables hold before a push. Whatever is kept in its place, the push
    /// goes on: it may be the one that puts things right. Instances report it too.
    pub(crate) async fn keep_before(
        &self,
        revision: Revision,
        tables: &Tables,
    ) -> Result<(), RevisionError> {
        match self.keep(revision, tables).await {
            Err(error @ (RevisionError::Damaged(_) | RevisionError::Collision(_))) => {
                warn!(%revision, %error, "what the tables hold before the push is not kept");
                Ok(())
            }
            kept => kept.map(|_is_new| ()),
        }
    }

    /// Whether what is kept as a revision says the same as these tables.
    async fn holds(&self, revision: Revision, tables: &Tables) -> Result<(), RevisionError> {
        let kept = self.tables(revision).await?;
        // What this version finds errors in, it may also read in other ways than the one before.
        let can_be_compared = Policy::read(&kept).policy.is_some();
        if can_be_compared && digest(&kept) != digest(tables) {
            return Err(RevisionError::Collision(revision));
        }
        Ok(())
    }

    /// Says that a revision was in use, whoever has kept it.
    async fn is_used(&self, head: &StoredRow) -> Result<(), RevisionError> {
        if !is_attempt(head) {
            return Ok(());
        }
        let cells = head.cells.iter().filter(|(name, _)| name != ATTEMPT);
        let row = Row::new(head.key.clone(), cells.cloned().collect())?;
        for batch in Batch::split(vec![Change::Replace(row, head.etag.clone())]) {
            match self.write(&batch).await {
                // Somebody else says it at the same time, or a try before has arrived.
                Ok(()) | Err(WriteError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn head(&self, revision: Revision) -> Result<Option<StoredRow>, RevisionError> {
        let heads = self.partition(HEADS).await?;
        let name = revision.to_string();
        Ok(heads.into_iter().find(|head| head.key.row.as_str() == name))
    }

    async fn add(
        &self,
        revision: Revision,
        tables: &Tables,
        attempt: Option<&str>,
    ) -> Result<bool, RevisionError> {
        let text = archived(tables);
        let checksum = checksum(&text);
        let partition = text_partition(revision);
        let rows = text::rows(&text);
        for (number, cells) in rows.iter().enumerate() {
            let key = key(&partition, &piece_key(&checksum, number));
            self.insert(Row::new(key, cells.clone())?).await?;
        }
        let mut cells = vec![("checksum".to_owned(), checksum)];
        cells.extend(attempt.map(|by| (ATTEMPT.to_owned(), by.to_owned())));
        let head = Row::new(key(HEADS, &revision.to_string()), cells)?;
        Ok(self.insert(head).await?)
    }

    /// The tables of a kept revision, as they were read when it was kept; without `devices`.
    ///
    /// They were a policy without errors then; a newer version may check more strictly.
    ///
    /// # Errors
    /// [`RevisionError`]; never other tables than those of the revision.
    pub async fn tables(&self, revision: Revision) -> Result<Tables, RevisionError> {
        let head = self.head(revision).await?;
        let head = head.ok_or(RevisionError::Unknown(revision))?;
        let wanted = cell(&head, "checksum");
        let pieces = self.partition(&text_partition(revision)).await?;
        let of_head = |row: &&StoredRow| row.key.row.as_str().starts_with(short(wanted));
        let text = text::joined(
            pieces
                .iter()
                .filter(of_head)
                .map(|row| row.cells.as_slice()),
        );
        let restored = (checksum(&text) == wanted).then(|| {
            let archive: Option<Archive<'_>> = serde_json::from_str(&text).ok();
            archive.and_then(|archive| archive.restore().ok())
        });
        let tables = restored.flatten().ok_or(RevisionError::Damaged(revision))?;
        // The checksum says that the text is the one that was stored. Where today's checks refuse
        // it, there is no revision to compare; whoever uses the tables checks them.
        let policy = Policy::read(&tables).policy;
        if policy.is_some_and(|policy| policy.revision() != revision) {
            return Err(RevisionError::Damaged(revision));
        }
        Ok(tables)
    }

    async fn partition(&self, name: &str) -> Result<Vec<StoredRow>, RevisionError> {
        let partition = KeyPart::ours(name);
        Ok(self.0.partition(StoreTable::Revisions, &partition).await?)
    }

    /// Writes again where the answer is lost: rows here are only inserted, or changed once, so that
    /// a second try finds the first.
    async fn write(&self, batch: &Batch) -> Result<(), WriteError> {
        let mut written = self.0.write(StoreTable::Revisions, batch).await.map(drop);
        for _ in 1..TRIES {
            if !matches!(written, Err(WriteError::Unconfirmed { .. })) {
                break;
            }
            // A new connection has not been idle.
            let Ok(fresh) = self.0.reconnected() else {
                break;
            };
            written = fresh.write(StoreTable::Revisions, batch).await.map(drop);
        }
        written
    }

    /// Inserts a row, unless it is there; answers whether it was not.
    async fn insert(&self, row: Row) -> Result<bool, WriteError> {
        let batches = Batch::split(vec![Change::Insert(row)]);
        for batch in &batches {
            match self.write(batch).await {
                Ok(()) => {}
                Err(WriteError::Conflict { .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

fn archived(tables: &Tables) -> String {
    // Strings and arrays of strings always become JSON.
    serde_json::to_string(&Archive::of(tables, TableName::is_in_revision)).unwrap_or_default()
}

fn is_attempt(head: &StoredRow) -> bool {
    !cell(head, ATTEMPT).is_empty()
}

fn text_partition(revision: Revision) -> String {
    format!("text-{revision}")
}

/// Two instances may keep the same revision in other words, notes for example: each its own text.
fn piece_key(checksum: &str, number: usize) -> String {
    format!("{}-{number:04}", short(checksum))
}

fn short(checksum: &str) -> &str {
    checksum.get(..16).unwrap_or_default()
}

fn checksum(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A key of ours: hex digits, points in time and fixed words.
pub(crate) fn key(partition: &str, row: &str) -> Key {
    Key {
        partition: KeyPart::ours(partition),
        row: KeyPart::ours(row),
    }
}

pub(crate) fn cell<'r>(row: &'r StoredRow, name: &str) -> &'r str {
    let mut cells = row.cells.iter();
    cells
        .find_map(|(column, text)| (column == name).then_some(text.as_str()))
        .unwrap_or_default()
}
