//! One policy, as requests load it.

use axum::http::HeaderValue;
use dps_allocation::Policy;
use jiff::Timestamp;

/// One policy as it was installed.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) policy: Policy,
    /// When this process installed the policy's revision.
    pub(crate) since: Timestamp,
    /// The revision, ready for the answer's header.
    pub(crate) revision: HeaderValue,
}

impl Snapshot {
    pub(super) fn new(policy: Policy, since: Timestamp) -> Self {
        let revision = policy.revision();
        // Hex digits always make a header.
        let header = HeaderValue::from_str(&revision.to_string());
        Self {
            policy,
            since,
            revision: header.unwrap_or(HeaderValue::from_static("unknown")),
        }
    }
}
