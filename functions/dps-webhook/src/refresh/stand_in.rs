//! The last good policy, where a start cannot have the one of the tables.

use std::sync::atomic::{AtomicBool, Ordering};

use dps_policy_store::PolicyStore;
use jiff::Timestamp;
use tracing::warn;

use crate::last_good::LastGoodFiles;
use crate::policy::PolicyInUse;

/// What a start goes on with.
#[derive(Debug, Default)]
pub(super) struct StandIn {
    files: LastGoodFiles,
    tried: AtomicBool,
}

impl StandIn {
    pub(super) fn new(files: LastGoodFiles) -> Self {
        let tried = AtomicBool::new(false);
        Self { files, tried }
    }

    /// Once a start: requests must not be turned away because nobody can reach the tables now, or
    /// because somebody has just broken them. Answers whether it decides now.
    pub(super) fn take(&self, store: &PolicyStore, in_use: &PolicyInUse) -> bool {
        if in_use.now().is_some() || self.tried.swap(true, Ordering::Relaxed) {
            return false;
        }
        let Some((policy, saved)) = self.files.read(&store.to_string()) else {
            return false;
        };
        let revision = policy.revision();
        in_use.take_last_good(policy, saved, Timestamp::now());
        warn!(dps.policy_revision = %revision, %saved, "the last good policy is in use");
        true
    }
}
