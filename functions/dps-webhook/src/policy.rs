//! The policy in use, and what is known about it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use axum::http::HeaderValue;
use dps_allocation::{Finding, Policy};
use dps_policy_store::PushedBy;
use dps_policy_store::push::Unfinished;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::deadline::Deadline;

/// The policy that requests are decided by.
///
/// Requests only ever load it; it is replaced, and the old one dropped, by [`crate::PolicyRefresh`].
#[derive(Debug)]
pub struct PolicyInUse {
    source: String,
    stale_after: Duration,
    snapshot: ArcSwapOption<Snapshot>,
    first_look_ended: watch::Sender<bool>,
    status: Mutex<Status>,
}

/// One policy as it was taken.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) policy: Policy,
    /// When this process took the policy's revision.
    pub(crate) since: Timestamp,
    /// The revision, ready for the answer's header.
    pub(crate) revision: HeaderValue,
}

/// What the looks at the stored tables have found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Status {
    /// When the store was last seen to hold the policy in use.
    pub(crate) confirmed: Option<Timestamp>,
    /// About the policy in use.
    pub(crate) warnings: Vec<Finding>,
    /// What the store holds, where that is refused.
    pub(crate) refused: Option<RefusedEdit>,
    /// Why the store cannot be read.
    pub(crate) unreadable: Option<Unreadable>,
    /// When the policy in use was saved, where it comes from the file of the last good one.
    pub(crate) from_last_good: Option<Timestamp>,
    /// The push that the store is in the middle of.
    pub(crate) push: Option<PushUnderWay>,
}

/// A push that has not finished: the store holds half of one version and half of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PushUnderWay {
    /// The revision that is pushed.
    pub(crate) revision: String,
    pub(crate) by: PushedBy,
    pub(crate) since: Timestamp,
    /// Whether it has taken so long that it was probably interrupted.
    pub(crate) overdue: bool,
}

/// An edit that was not taken.
#[derive(Clone, Debug)]
pub(crate) struct RefusedEdit {
    pub(crate) at: Timestamp,
    pub(crate) findings: Vec<Finding>,
}

/// A store that cannot be read.
#[derive(Clone, Debug)]
pub(crate) struct Unreadable {
    pub(crate) since: Timestamp,
    pub(crate) error: String,
}

/// After how many intervals of refresh an unconfirmed policy is stale.
///
/// An edit takes two looks, so three intervals pass in good order; the fourth may be late.
const STALE_INTERVALS: u32 = 4;

/// After how long a push was probably interrupted: 100,000 device rows take less, and they come
/// after the policy.
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

fn is_overdue(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) > PUSH_OVERDUE
}

impl PolicyInUse {
    /// No policy yet; `source` says where it will come from, for people.
    #[must_use]
    pub fn new(source: String, refresh: Duration) -> Self {
        Self {
            source,
            stale_after: refresh * STALE_INTERVALS,
            snapshot: ArcSwapOption::empty(),
            first_look_ended: watch::Sender::new(false),
            status: Mutex::default(),
        }
    }

    /// The policy, if there is one now.
    pub(crate) fn now(&self) -> Guard<Option<Arc<Snapshot>>> {
        self.snapshot.load()
    }

    /// Waits while there is hope: until the first look has ended, or the deadline.
    pub(crate) async fn first_look(&self, deadline: Deadline) {
        let mut ended = self.first_look_ended.subscribe();
        // Late or not, what counts is whether there is a policy now.
        let _late = deadline.bound(ended.wait_for(|ended| *ended)).await;
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn status(&self) -> Status {
        self.lock().clone()
    }

    /// Whether the store may hold another policy than the one in use.
    pub(crate) fn is_stale(&self, status: &Status, now: Timestamp) -> bool {
        let fresh =
            |confirmed: Timestamp| now.duration_since(confirmed).unsigned_abs() <= self.stale_after;
        status.refused.is_some()
            || status.unreadable.is_some()
            || !status.confirmed.is_some_and(fresh)
    }

    /// Puts a policy of the store in use; answers the one before, to be dropped off the request
    /// path.
    pub(crate) fn take(
        &self,
        policy: Policy,
        warnings: Vec<Finding>,
        now: Timestamp,
    ) -> Option<Arc<Snapshot>> {
        let before = self.swap(policy, now);
        *self.lock() = Status {
            confirmed: Some(now),
            warnings,
            ..Status::default()
        };
        before
    }

    /// Puts the policy in use that the store held before a push; answers the one before.
    pub(crate) fn take_previous(&self, policy: Policy, now: Timestamp) -> Option<Arc<Snapshot>> {
        let before = self.swap(policy, now);
        self.lock().from_last_good = None;
        before
    }

    /// Puts the last good policy in use, where nothing better can be had.
    pub(crate) fn take_last_good(&self, policy: Policy, saved: Timestamp, now: Timestamp) {
        self.swap(policy, now);
        let mut status = self.lock();
        status.confirmed = Some(saved);
        status.from_last_good = Some(saved);
    }

    fn swap(&self, policy: Policy, now: Timestamp) -> Option<Arc<Snapshot>> {
        let revision = policy.revision();
        let since = match &*self.snapshot.load() {
            // Comments and device rows change without changing the revision.
            Some(before) if before.policy.revision() == revision => before.since,
            _ => now,
        };
        let header = HeaderValue::from_str(&revision.to_string());
        let revision = header.unwrap_or(HeaderValue::from_static("unknown"));
        self.snapshot.swap(Some(Arc::new(Snapshot {
            policy,
            since,
            revision,
        })))
    }

    /// The store holds what was dealt with; answers whether it could not be read before.
    pub(crate) fn unchanged(&self, now: Timestamp) -> bool {
        let mut status = self.lock();
        if status.refused.is_none() {
            status.confirmed = Some(now);
        }
        status.unreadable.take().is_some()
    }

    /// The store is in the middle of no push.
    pub(crate) fn not_pushing(&self) {
        self.lock().push = None;
    }

    /// The store is in the middle of a push; answers whether that is news.
    ///
    /// The policy in use is still the one that counts, unless it is only the last good one.
    pub(crate) fn pushing(&self, push: PushUnderWay, now: Timestamp) -> bool {
        let mut status = self.lock();
        status.unreadable = None;
        if !push.overdue && status.refused.is_none() && status.from_last_good.is_none() {
            status.confirmed = Some(now);
        }
        let news = status.push.as_ref() != Some(&push);
        status.push = Some(push);
        news
    }

    /// The store holds tables that cannot be taken.
    pub(crate) fn refuse(&self, findings: Vec<Finding>, now: Timestamp) {
        let mut status = self.lock();
        status.unreadable = None;
        status.refused = Some(RefusedEdit { at: now, findings });
    }

    /// The store cannot be read; answers whether that is news.
    pub(crate) fn unreadable(&self, error: String, now: Timestamp) -> bool {
        let mut status = self.lock();
        let since = status
            .unreadable
            .as_ref()
            .map_or(now, |before| before.since);
        let known = status
            .unreadable
            .as_ref()
            .is_some_and(|before| before.error == error);
        status.unreadable = Some(Unreadable { since, error });
        !known
    }

    /// From now on a request without a policy is not kept waiting.
    pub(crate) fn end_first_look(&self) {
        self.first_look_ended.send_replace(true);
    }

    fn lock(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
