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
//!
//! Revision and checksum have all their 64 digits. Versions before wrote 12 and 16 of them; such
//! rows are still read, and what they are is what their content says.

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Revision, RevisionPrefix};
use tracing::warn;

use crate::archive::Archive;
use crate::azure::{
    AzureTables, Batch, Change, Key, KeyPart, ReadError, Row, RowError, StoreTable, StoredRow,
    WriteError,
};

mod find;
mod head;
mod history;
mod text;
mod usable;

pub use head::StoredRevision;
use head::{ATTEMPT, HEADS, Head, checksum, piece_key, text_partition};
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
    Unknown(RevisionPrefix),
    /// Several kept revisions begin with the same digits.
    #[error(
        "`{wanted}` stands for several kept revisions, write more digits: {}",
        candidates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    Ambiguous {
        /// The digits.
        wanted: RevisionPrefix,
        /// The revisions.
        candidates: Vec<RevisionPrefix>,
    },
    /// Somebody has edited what was kept.
    #[error("what is kept of revision `{0}` is not what was stored; it cannot be used")]
    Damaged(RevisionPrefix),
    /// The row of a revision leads to a whole policy, which is another one.
    #[error(
        "other tables are kept as revision `{0}`, which does not happen by accident: find out who \
         has written them, and delete the row `{HEADS}/{0}`"
    )]
    Collision(RevisionPrefix),
    /// A row that is only ever inserted is there with another content.
    #[error(
        "the row `{0}` of revisions says something else than is to be written, which does not \
         happen by accident: find out who has written it, and delete it"
    )]
    Occupied(Key),
}

impl RevisionError {
    /// Whether what is stored is at fault, not the way to it.
    #[must_use]
    pub fn is_about_content(&self) -> bool {
        match self {
            Self::Read(_) | Self::Write(_) | Self::Row(_) => false,
            Self::Unknown(_)
            | Self::Ambiguous { .. }
            | Self::Damaged(_)
            | Self::Collision(_)
            | Self::Occupied(_) => true,
        }
    }
}

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
    /// [`RevisionError::Write`] and [`RevisionError::Read`]; [`RevisionError::Collision`],
    /// [`RevisionError::Damaged`] and [`RevisionError::Occupied`] where something else is kept as
    /// that revision.
    pub async fn keep(&self, revision: Revision, tables: &Tables) -> Result<bool, RevisionError> {
        match self.kept(revision).await? {
            Some(head) => {
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
        match self.kept(revision).await {
            // The rows that are pushed are right; a rollback to them says what is wrong.
            Ok(Some(_)) | Err(RevisionError::Damaged(_)) => Ok(()),
            Ok(None) => self.add(revision, tables, Some("push")).await.map(drop),
            Err(error) => Err(error),
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
            Err(error) if error.is_about_content() => {
                warn!(%revision, %error, "what the tables hold before the push is not kept");
                Ok(())
            }
            kept => kept.map(|_is_new| ()),
        }
    }

    /// Says that a revision was in use, whoever has kept it.
    async fn is_used(&self, head: &Head) -> Result<(), RevisionError> {
        if !head.is_attempt() {
            return Ok(());
        }
        let StoredRow {
            key, cells, etag, ..
        } = &head.row;
        let cells = cells.iter().filter(|(name, _)| name != ATTEMPT);
        let row = Row::new(key.clone(), cells.cloned().collect())?;
        for batch in Batch::split(vec![Change::Replace(row, etag.clone())]) {
            match self.write(&batch).await {
                // Somebody else says it at the same time, or a try before has arrived.
                Ok(()) | Err(WriteError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn add(
        &self,
        revision: Revision,
        tables: &Tables,
        attempt: Option<&str>,
    ) -> Result<bool, RevisionError> {
        let text = archived(tables);
        let checksum = checksum(&text);
        let partition = text_partition(&revision.into());
        let rows = text::rows(&text);
        for (number, cells) in rows.iter().enumerate() {
            let key = key(&partition, &piece_key(&checksum, number));
            self.insert(Row::new(key, cells.clone())?).await?;
        }
        let mut cells = vec![("checksum".to_owned(), checksum)];
        cells.extend(attempt.map(|by| (ATTEMPT.to_owned(), by.to_owned())));
        let head = Row::new(key(HEADS, &revision.to_string()), cells)?;
        if self.is_inserted(head).await? {
            return Ok(true);
        }
        // Another instance has kept it at the same time, maybe in other words.
        self.kept(revision).await.map(|_head| false)
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

    /// Inserts a row, unless it is there with the same content.
    async fn insert(&self, row: Row) -> Result<(), RevisionError> {
        if self.is_inserted(row.clone()).await? {
            return Ok(());
        }
        let stored = self.partition(row.key().partition.as_str()).await?;
        let is_there = stored.iter().find(|it| it.key == *row.key());
        match is_there {
            Some(stored) if row.says_the_same_as(stored) => Ok(()),
            _ => Err(RevisionError::Occupied(row.key().clone())),
        }
    }

    /// Inserts a row; answers whether there was none with its key.
    async fn is_inserted(&self, row: Row) -> Result<bool, WriteError> {
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
