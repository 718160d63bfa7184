//! The stored policy for a start while the tables are not a valid one.

use std::cmp::Reverse;

use dps_allocation::tables::Tables;
use dps_allocation::{Policy, RevisionPrefix};
use tracing::warn;

use super::error::RevisionError;
use super::head::{Head, StoredRevision};
use super::rows::Revisions;
use crate::unfinished::Unfinished;

impl Revisions<'_> {
    /// The stored revision that was last in use and passes the checks of this version, if any does.
    ///
    /// While a push has not finished, that is the one that it replaces, if it is stored; never
    /// the one that it writes. Each revision that cannot be used is reported in the log.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn newest_usable(
        &self,
        push: Option<&Unfinished>,
    ) -> Result<Option<(Policy, Tables)>, RevisionError> {
        let before = push.and_then(|push| push.before.clone());
        let mut candidates: Vec<(RevisionPrefix, Option<Head>)> =
            before.map(|before| (before, None)).into_iter().collect();
        for head in self.last_used(push).await? {
            candidates.push((head.revision.clone(), Some(head)));
        }
        for (revision, head) in candidates {
            let stored = match &head {
                Some(head) => self.read(head).await,
                None => self.find(&revision).await,
            };
            match stored {
                Ok(StoredRevision {
                    policy: Some(policy),
                    tables,
                    ..
                }) => return Ok(Some((policy, tables))),
                Ok(_) => warn!(%revision, "this version finds errors in a stored revision"),
                Err(error) if error.is_about_content() => {
                    warn!(%revision, %error, "a stored revision cannot be used");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The last one first; without the one that a push is to write.
    async fn last_used(&self, push: Option<&Unfinished>) -> Result<Vec<Head>, RevisionError> {
        let mut used = self.used().await?;
        let is_pushed = |head: &Head| {
            push.is_some_and(|push| {
                let revision = head.revision.to_string();
                revision.starts_with(&push.revision) || push.revision.starts_with(&revision)
            })
        };
        used.retain(|(head, _)| !is_pushed(head));
        used.sort_by_key(|(head, pushes)| {
            let pushed = pushes.iter().filter_map(|push| push.at);
            Reverse(pushed.chain(head.row.timestamp).max())
        });
        Ok(used.into_iter().map(|(head, _)| head).collect())
    }
}
