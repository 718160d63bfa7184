//! Which revisions there are, and who pushed them.

use std::collections::BTreeMap;

use dps_allocation::{Revision, RevisionPrefix};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use serde::Serialize;

use super::error::RevisionError;
use super::head::Head;
use super::rows::Revisions;
use crate::azure::{Key, Row};
use crate::pushed_by::PushedBy;
use crate::report_key::ReportKey;

/// A policy that was in use, or was pushed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionEntry {
    /// Its content hash; 12 digits of it if an older version stored it and it cannot be read.
    pub revision: RevisionPrefix,
    /// When the first instance stored it, by the clock of the store.
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
    /// What was predicted of it, if it was pushed with a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportKey>,
}

const PUSHED: &str = "pushed";

/// How many texts of older versions are read at once, to find their revisions.
const AT_ONCE: usize = 8;

impl Revisions<'_> {
    /// Notes who pushed a revision, why, and what was predicted.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub(crate) async fn note_push(
        &self,
        revision: Revision,
        by: &PushedBy,
        reason: &str,
        report: Option<&ReportKey>,
    ) -> Result<(), RevisionError> {
        if let Some(head) = head_of(&revision.into(), &self.heads().await?) {
            self.mark_used(head).await?;
        }
        let unique = format!("{:.9}-{revision}", Timestamp::now());
        let mut cells = by.cells();
        cells.push(("reason".to_owned(), reason.to_owned()));
        cells.push(("revision".to_owned(), revision.to_string()));
        cells.extend(report.map(ReportKey::cell));
        self.insert(Row::new(Key::ours(PUSHED, &unique), cells)?)
            .await
    }

    /// Every stored revision, the first seen first; without those that a push was to write, and did
    /// not.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn history(&self) -> Result<Vec<RevisionEntry>, RevisionError> {
        let identified = async |(head, pushes): (Head, _)| {
            let revision = self.revision_of(&head).await?;
            Ok::<_, RevisionError>((revision, head.row.timestamp, pushes))
        };
        let used = stream::iter(self.used().await?).map(identified);
        let used: Vec<_> = used.buffered(AT_ONCE).try_collect().await?;
        let mut entries: BTreeMap<RevisionPrefix, RevisionEntry> = BTreeMap::new();
        for (revision, first_seen, pushes) in used {
            let entry = entries.entry(revision.clone()).or_insert(RevisionEntry {
                revision,
                first_seen,
                pushes: Vec::new(),
            });
            entry.first_seen = entry.first_seen.into_iter().chain(first_seen).min();
            entry.pushes.extend(pushes);
        }
        let mut entries: Vec<RevisionEntry> = entries.into_values().collect();
        for entry in &mut entries {
            entry.pushes.sort_by_key(|push| push.at);
        }
        entries.sort_by_key(|it| it.first_seen);
        Ok(entries)
    }

    /// The row of every revision that was in use, each with its pushes.
    pub(super) async fn used(&self) -> Result<Vec<(Head, Vec<PushNote>)>, RevisionError> {
        let heads = self.heads().await?;
        let mut notes: BTreeMap<&RevisionPrefix, Vec<PushNote>> = BTreeMap::new();
        for row in self.partition(PUSHED).await? {
            let of = row.cell("revision").parse().ok();
            let Some(head) = of.and_then(|of| head_of(&of, &heads)) else {
                continue;
            };
            notes.entry(&head.revision).or_default().push(PushNote {
                at: row.timestamp,
                by: PushedBy::of(&row),
                reason: row.cell("reason").to_owned(),
                report: ReportKey::of(&row),
            });
        }
        let used = heads.iter().filter_map(|head| {
            let pushes = notes.remove(&head.revision).unwrap_or_default();
            let is_used = !pushes.is_empty() || !head.is_attempt();
            is_used.then(|| (head.clone(), pushes))
        });
        Ok(used.collect())
    }
}

/// The row under which a revision is stored: with all its digits, else as older versions have it.
fn head_of<'h>(revision: &RevisionPrefix, heads: &'h [Head]) -> Option<&'h Head> {
    let exact = heads.iter().find(|head| head.revision == *revision);
    exact.or_else(|| heads.iter().find(|head| head.revision.begins(revision)))
}
