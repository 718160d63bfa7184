//! What is kept of a policy that was taken: a file on disk, and a revision in the store.
//!
//! The policy decides already, so no request waits for it.

use std::sync::Arc;

use dps_allocation::Revision;
use dps_allocation::tables::Tables;
use dps_policy_store::{PolicyStore, RevisionError, Revisions};
use tokio::task::{JoinHandle, spawn_blocking};
use tracing::{error, info, warn};

use crate::last_good::LastGoodFiles;

/// Keeps policies in the order in which they were taken, each in a task of its own.
#[derive(Debug, Default)]
pub(super) struct Bookkeeping {
    files: LastGoodFiles,
    last: Option<JoinHandle<()>>,
}

impl Bookkeeping {
    pub(super) fn new(files: LastGoodFiles) -> Self {
        Self { files, last: None }
    }

    /// Begins to keep what was taken; needs a runtime of tokio.
    pub(super) fn keep(&mut self, store: &PolicyStore, revision: Revision, tables: Tables) {
        let (before, store) = (self.last.take(), store.clone());
        let (files, tables) = (self.files.clone(), Arc::new(tables));
        self.last = Some(tokio::spawn(async move {
            if let Some(before) = before {
                // Whether that went well or not.
                let _ended = before.await;
            }
            let (source, same) = (store.to_string(), Arc::clone(&tables));
            let written = spawn_blocking(move || files.write(&source, &same));
            if written.await.is_err() {
                warn!("the last good policy is not kept: the program has a fault");
            }
            if let PolicyStore::Azure(store) = &store {
                keep_revision(Revisions::of(store), revision, &tables).await;
            }
        }));
    }

    /// Waits until everything is kept.
    pub(super) async fn done(&mut self) {
        if let Some(last) = self.last.take() {
            // A fault has been told on stderr.
            let _ended = last.await;
        }
    }
}

async fn keep_revision(revisions: Revisions<'_>, revision: Revision, tables: &Tables) {
    match revisions.keep(revision, tables).await {
        Ok(true) => info!(dps.policy_revision = %revision, "revision kept"),
        Ok(false) => {}
        Err(error @ (RevisionError::Collision(_) | RevisionError::Damaged(_))) => {
            error!(dps.policy_revision = %revision, %error, "the revision in use is not the one that is kept");
        }
        Err(error) => warn!(dps.policy_revision = %revision, %error, "the revision is not kept"),
    }
}
