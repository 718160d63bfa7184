//! Finds a stored revision by its first digits.

use std::collections::BTreeMap;

use dps_allocation::{Revision, RevisionPrefix};
use tracing::warn;

use super::error::RevisionError;
use super::head::{Head, StoredRevision};
use super::rows::Revisions;

impl Revisions<'_> {
    /// The tables of the only stored revision that begins with these digits.
    ///
    /// They were a policy without errors when they were stored; a newer version may check more
    /// strictly.
    ///
    /// # Errors
    /// [`RevisionError`]; never other tables than those of the revision.
    pub async fn find(&self, wanted: &RevisionPrefix) -> Result<StoredRevision, RevisionError> {
        let heads = self.heads().await?;
        if wanted.is_whole()
            && let Some(head) = heads.iter().find(|head| head.revision == *wanted)
        {
            return self.read(head).await;
        }
        let mut found = BTreeMap::new();
        for head in heads.iter().filter(|it| it.revision.agrees_with(wanted)) {
            let (revision, stored) = self.identified(head).await?;
            if revision.agrees_with(wanted) {
                found.entry(revision).or_insert(stored);
            }
        }
        // Fewer digits than are wanted do not show whether a revision is the wanted one.
        if found.keys().any(|revision| wanted.begins(revision)) {
            found.retain(|revision, _| wanted.begins(revision));
        }
        RevisionError::only(wanted, found)?
    }

    /// The row under which a revision is stored, where it leads to that revision.
    pub(super) async fn stored(&self, revision: Revision) -> Result<Option<Head>, RevisionError> {
        let whole = RevisionPrefix::from(revision);
        let mut alike = self.heads().await?;
        alike.retain(|head| head.revision.agrees_with(&whole.short()));
        if let Some(head) = alike.iter().find(|head| head.revision == whole) {
            self.read(head).await?;
            return Ok(Some(head.clone()));
        }
        for head in alike {
            let other = self.revision_of(&head).await?;
            if other == whole {
                return Ok(Some(head));
            }
            warn!(%revision, %other, "two stored revisions have the same first 12 digits, which does not happen by accident");
        }
        Ok(None)
    }

    /// The revision of a head, whose tables tell it where an older version has stored it.
    pub(super) async fn revision_of(&self, head: &Head) -> Result<RevisionPrefix, RevisionError> {
        if head.revision.is_whole() {
            return Ok(head.revision.clone());
        }
        Ok(self.identified(head).await?.0)
    }

    /// The tables of a head, and their revision as far as it is known.
    async fn identified(
        &self,
        head: &Head,
    ) -> Result<(RevisionPrefix, Result<StoredRevision, RevisionError>), RevisionError> {
        match self.read(head).await {
            Ok(stored) => Ok((stored.revision.clone(), Ok(stored))),
            Err(error) if error.is_about_content() => Ok((head.revision.clone(), Err(error))),
            Err(error) => Err(error),
        }
    }
}
