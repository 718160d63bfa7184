//! What a start goes on with while the tables are no policy.

use std::cmp::Reverse;

use dps_allocation::tables::Tables;
use dps_allocation::{Policy, Revision};
use tracing::warn;

use super::{RevisionError, Revisions};
use crate::push::Unfinished;

impl Revisions<'_> {
    /// The kept revision that was last in use and is a policy by the checks of this version; none
    /// where there is none.
    ///
    /// While a push has not finished, that is the one that it replaces, where that is kept; never
    /// the one that it writes. Each revision that cannot be used is reported in the log.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn newest_usable(
        &self,
        push: Option<&Unfinished>,
    ) -> Result<Option<(Policy, Tables)>, RevisionError> {
        let before = push.and_then(|push| push.before);
        let in_use = before.into_iter().chain(self.last_used(push).await?);
        for revision in in_use {
            match self.tables(revision).await {
                Ok(tables) => {
                    if let Some(policy) = Policy::read(&tables).policy {
                        return Ok(Some((policy, tables)));
                    }
                    warn!(%revision, "this version finds errors in a kept revision");
                }
                Err(error @ (RevisionError::Read(_) | RevisionError::Write(_))) => {
                    return Err(error);
                }
                Err(error) => warn!(%revision, %error, "a kept revision cannot be used"),
            }
        }
        Ok(None)
    }

    /// The last one first; without the one that a push is to write.
    async fn last_used(&self, push: Option<&Unfinished>) -> Result<Vec<Revision>, RevisionError> {
        let mut kept = self.history().await?;
        kept.retain(|it| push.is_none_or(|push| it.revision.to_string() != push.revision));
        kept.sort_by_key(|it| {
            let pushed = it.pushes.iter().filter_map(|push| push.at);
            Reverse(pushed.chain(it.first_seen).max())
        });
        Ok(kept.into_iter().map(|it| it.revision).collect())
    }
}
