//! Storing a revision, once.

use dps_allocation::Revision;
use dps_allocation::tables::{TableName, Tables};
use tracing::warn;

use super::error::RevisionError;
use super::head::{ATTEMPT, HEADS, Head, piece_key, text_partition};
use super::rows::Revisions;
use super::text;
use crate::archive::{Archive, checksum};
use crate::azure::{Change, Key, Row, StoredRow, WriteError};

impl Revisions<'_> {
    /// Stores the tables of a revision, unless they are stored; returns whether it was new.
    ///
    /// A call that was interrupted is finished by the next one, of any instance.
    ///
    /// # Errors
    /// [`RevisionError::Write`] and [`RevisionError::Read`]; [`RevisionError::Collision`],
    /// [`RevisionError::Damaged`] and [`RevisionError::Occupied`] if something else is stored as
    /// that revision.
    pub async fn store(&self, revision: Revision, tables: &Tables) -> Result<bool, RevisionError> {
        match self.stored(revision).await? {
            Some(head) => {
                self.mark_used(&head).await?;
                Ok(false)
            }
            None => self.add(revision, tables, None).await,
        }
    }

    /// The same for a push that has not finished: what comes of it is not known yet.
    pub(crate) async fn store_attempt(
        &self,
        revision: Revision,
        tables: &Tables,
    ) -> Result<(), RevisionError> {
        match self.stored(revision).await {
            // The rows that are pushed are right; a rollback to them says what is wrong.
            Ok(Some(_)) | Err(RevisionError::Damaged(_)) => Ok(()),
            Ok(None) => self.add(revision, tables, Some("push")).await.map(drop),
            Err(error) => Err(error),
        }
    }

    /// The same for what the tables hold before a push. Whatever is stored in its place, the
    /// push goes on: it may be the one that repairs the tables. Instances report it too.
    pub(crate) async fn store_before(
        &self,
        revision: Revision,
        tables: &Tables,
    ) -> Result<(), RevisionError> {
        match self.store(revision, tables).await {
            Err(error) if error.is_about_content() => {
                warn!(%revision, %error, "what the tables hold before the push is not stored");
                Ok(())
            }
            stored => stored.map(|_is_new| ()),
        }
    }

    /// Records that a revision was in use.
    pub(super) async fn mark_used(&self, head: &Head) -> Result<(), RevisionError> {
        if !head.is_attempt() {
            return Ok(());
        }
        let StoredRow {
            key, cells, etag, ..
        } = &head.row;
        let cells = cells.iter().filter(|(name, _)| name != ATTEMPT);
        let row = Row::new(key.clone(), cells.cloned().collect())?;
        match self.write(Change::Replace(row, etag.clone())).await {
            // Somebody else says it at the same time.
            Ok(_) | Err(WriteError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn add(
        &self,
        revision: Revision,
        tables: &Tables,
        attempt: Option<&str>,
    ) -> Result<bool, RevisionError> {
        // Strings and arrays of strings always become JSON.
        let archive = Archive::of(tables, TableName::is_in_revision);
        let text = serde_json::to_string(&archive).unwrap_or_default();
        let checksum = checksum(&text);
        let partition = text_partition(&revision.into());
        let rows = text::rows(&text);
        for (number, cells) in rows.iter().enumerate() {
            let key = Key::ours(&partition, &piece_key(&checksum, number));
            self.insert(Row::new(key, cells.clone())?).await?;
        }
        let mut cells = vec![("checksum".to_owned(), checksum)];
        cells.extend(attempt.map(|by| (ATTEMPT.to_owned(), by.to_owned())));
        let head = Row::new(Key::ours(HEADS, &revision.to_string()), cells)?;
        if self.is_inserted(head).await? {
            return Ok(true);
        }
        // Another instance has stored it at the same time, maybe with other notes.
        self.stored(revision).await.map(|_head| false)
    }
}
