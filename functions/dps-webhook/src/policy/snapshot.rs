//! One policy, as requests load it.

use std::sync::Arc;

use dps_allocation::Policy;
use jiff::Timestamp;

/// One policy as it was installed.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) policy: Policy,
    /// When this process installed the policy's revision.
    pub(crate) since: Timestamp,
    /// The revision, as text that what is logged shares.
    pub(crate) revision: Arc<str>,
}

impl Snapshot {
    pub(super) fn new(policy: Policy, since: Timestamp) -> Self {
        Self {
            revision: policy.revision().to_string().into(),
            policy,
            since,
        }
    }
}
