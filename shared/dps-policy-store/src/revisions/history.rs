//! Which revisions there are, and who pushed them.

use std::collections::BTreeMap;

use dps_allocation::Revision;
use jiff::Timestamp;
use serde::Serialize;

use super::{HEADS, RevisionError, Revisions, cell, is_attempt, key};
use crate::azure::Row;
use crate::pushed_by::PushedBy;

/// A policy that was in force, or was pushed to be.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptRevision {
    /// Its content hash.
    pub revision: Revision,
    /// When the first instance kept it, by the clock of the store.
    pub first_seen: Option<Timestamp>,
    /// Each time that somebody pushed it, the first one first.
    pub pushes: Vec<PushNote>,
}

/// Who put a revision into the tables, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PushNote {
    /// When the push was finished, by the clock of the store.
    pub at: Option<Timestamp>,
    /// Who pushed.
    #[serde(flatten)]
    pub by: PushedBy,
    /// Why, in the words of the author.
    pub reason: String,
}

const PUSHED: &str = "pushed";

impl Revisions<'_> {
    /// Notes who pushed a revision, and why.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub(crate) async fn note_push(
        &self,
        revision: Revision,
        by: &PushedBy,
        reason: &str,
    ) -> Result<(), RevisionError> {
        if let Some(head) = self.head(revision).await? {
            self.is_used(&head).await?;
        }
        let unique = format!("{:.3}-{revision}", Timestamp::now());
        let mut cells = by.cells();
        cells.push(("reason".to_owned(), reason.to_owned()));
        cells.push(("revision".to_owned(), revision.to_string()));
        self.insert(Row::new(key(PUSHED, &unique), cells)?).await?;
        Ok(())
    }

    /// Every kept revision, the first seen first; without those that a push was to write, and did
    /// not.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn history(&self) -> Result<Vec<KeptRevision>, RevisionError> {
        let mut pushes: BTreeMap<String, Vec<PushNote>> = BTreeMap::new();
        for row in self.partition(PUSHED).await? {
            let note = PushNote {
                at: row.timestamp,
                by: PushedBy::of(&row),
                reason: cell(&row, "reason").to_owned(),
            };
            pushes
                .entry(cell(&row, "revision").to_owned())
                .or_default()
                .push(note);
        }
        let heads = self.partition(HEADS).await?;
        let kept = heads.into_iter().filter_map(|head| {
            let revision = head.key.row.as_str();
            let pushes = pushes.remove(revision).unwrap_or_default();
            let is_used = !pushes.is_empty() || !is_attempt(&head);
            is_used.then_some(KeptRevision {
                revision: revision.parse().ok()?,
                first_seen: head.timestamp,
                pushes,
            })
        });
        let mut kept: Vec<KeptRevision> = kept.collect();
        kept.sort_by_key(|it| (it.first_seen, it.revision));
        Ok(kept)
    }
}
