//! The last good policy, for a start that cannot load the tables.

use std::sync::atomic::{AtomicBool, Ordering};

use dps_policy_store::PolicyStore;
use jiff::Timestamp;
use tracing::warn;

use crate::last_good::LastGoodFiles;
use crate::policy::PolicyInUse;

/// The files, and whether they were tried.
#[derive(Debug, Default)]
pub(super) struct Fallback {
    files: LastGoodFiles,
    tried: AtomicBool,
}

impl Fallback {
    pub(super) fn new(files: LastGoodFiles) -> Self {
        let tried = AtomicBool::new(false);
        Self { files, tried }
    }

    /// Installs it, at most once per start: requests must not be refused because the tables cannot be
    /// reached now, or because an edit has just broken them. Returns whether it decides now.
    pub(super) fn install(&self, store: &PolicyStore, in_use: &PolicyInUse) -> bool {
        if in_use.now().is_some() || self.tried.swap(true, Ordering::Relaxed) {
            return false;
        }
        let Some((policy, saved)) = self.files.read(&store.to_string()) else {
            return false;
        };
        let revision = policy.revision();
        in_use.install_last_good(policy, saved, Timestamp::now());
        warn!(dps.policy_revision = %revision, %saved, "the last good policy is in use");
        true
    }
}
