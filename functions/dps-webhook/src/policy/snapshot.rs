//! One policy, as requests load it.

use dps_allocation::Policy;
use jiff::Timestamp;

/// One policy as it was installed.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) policy: Policy,
    /// When this process installed the policy's revision.
    pub(crate) since: Timestamp,
    /// The revision, as text.
    pub(crate) revision: String,
}

impl Snapshot {
    pub(super) fn new(policy: Policy, since: Timestamp) -> Self {
        Self {
            revision: policy.revision().to_string(),
            policy,
            since,
        }
    }
}
