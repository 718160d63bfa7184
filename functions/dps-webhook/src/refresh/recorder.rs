//! Stores a policy that was installed: in a file on disk, and as a revision in the store.
//!
//! The policy decides already, so no request waits for it.

use std::sync::Arc;

use dps_allocation::Revision;
use dps_allocation::tables::Tables;
use dps_policy_store::{PolicyStore, Revisions};
use tokio::task::{JoinHandle, spawn_blocking};
use tracing::{error, info, warn};

use crate::last_good::LastGoodFiles;

/// Stores policies in the order in which they were installed, each in a task of its own.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    files: LastGoodFiles,
    last: Option<JoinHandle<()>>,
}

impl Recorder {
    pub(super) fn new(files: LastGoodFiles) -> Self {
        Self { files, last: None }
    }

    /// Begins to store what was installed; needs a runtime of tokio.
    pub(super) fn record(&mut self, store: &PolicyStore, revision: Revision, tables: Tables) {
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
                warn!("the last good policy is not stored: the program has a fault");
            }
            if let PolicyStore::Azure(store) = &store {
                store_revision(Revisions::of(store), revision, &tables).await;
            }
        }));
    }

    /// Waits until everything is stored.
    pub(super) async fn finish(&mut self) {
        if let Some(last) = self.last.take() {
            // A panic is on stderr.
            let _ended = last.await;
        }
    }
}

async fn store_revision(revisions: Revisions<'_>, revision: Revision, tables: &Tables) {
    match revisions.store(revision, tables).await {
        Ok(true) => info!(dps.policy_revision = %revision, "revision stored"),
        Ok(false) => {}
        Err(error) if error.is_about_content() => {
            error!(dps.policy_revision = %revision, %error, "the revision in use is not the one that is stored");
        }
        Err(error) => warn!(dps.policy_revision = %revision, %error, "the revision is not stored"),
    }
}
