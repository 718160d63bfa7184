//! What is known about the store and the policy in use; its parts are members of `GET /api/policy`.

use dps_allocation::Finding;
use dps_policy_store::PushedBy;
use dps_policy_store::push::Unfinished;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

/// What the polls of the config tables have found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Status {
    /// When the store was last seen to hold the policy in use.
    pub(crate) confirmed: Option<Timestamp>,
    /// About the policy in use, and about tables that it has emptied.
    pub(crate) warnings: Vec<Finding>,
    /// What the store holds, if that was refused.
    pub(crate) refused: Option<RefusedEdit>,
    /// Why the store cannot be read.
    pub(crate) unreadable: Option<Unreadable>,
    /// When the policy in use was saved, if it comes from the file of the last good one.
    pub(crate) from_last_good: Option<Timestamp>,
    /// The push that the store is in the middle of.
    pub(crate) push: Option<PushUnderWay>,
}

/// A push that has not finished: the store holds half of one version and half of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PushUnderWay {
    /// The revision that is pushed.
    pub(crate) revision: String,
    #[serde(flatten)]
    pub(crate) by: PushedBy,
    #[serde(serialize_with = "milliseconds")]
    pub(crate) since: Timestamp,
    /// Whether it has taken so long that it was probably interrupted.
    pub(crate) overdue: bool,
}

/// An edit that was not installed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RefusedEdit {
    #[serde(serialize_with = "milliseconds")]
    pub(crate) at: Timestamp,
    pub(crate) findings: Vec<Finding>,
}

/// A store that cannot be read.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Unreadable {
    #[serde(serialize_with = "milliseconds")]
    pub(crate) since: Timestamp,
    pub(crate) error: String,
}

/// After this time a push was probably interrupted: one with 100,000 device rows takes less, and it
/// writes those after the policy.
const PUSH_OVERDUE: SignedDuration = SignedDuration::from_mins(15);

impl PushUnderWay {
    pub(crate) fn new(push: &Unfinished, now: Timestamp) -> Self {
        let since = push.started.unwrap_or(now);
        Self {
            revision: push.revision.clone(),
            by: push.by.clone(),
            since,
            overdue: is_overdue(since, now),
        }
    }
}

/// Writes a time with milliseconds, as in all documents.
fn milliseconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}

fn is_overdue(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) > PUSH_OVERDUE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_is_overdue_after_a_quarter_of_an_hour() {
        let begun = Timestamp::now();
        let is_overdue_after =
            |minutes| is_overdue(begun, begun + SignedDuration::from_mins(minutes));
        assert!(!is_overdue_after(-5), "the clock of the store is ahead");
        assert!(!is_overdue_after(15));
        assert!(is_overdue_after(16));
    }
}
