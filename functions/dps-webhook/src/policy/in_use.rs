//! The policy that decides, and how that changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use dps_allocation::{Finding, Policy};
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::snapshot::Snapshot;
use super::status::{PushUnderWay, RefusedEdit, Status, Unreadable};
use super::unlisted::UnlistedHubs;
use crate::deadline::Deadline;

/// After how many intervals of refresh an unconfirmed policy is stale.
///
/// An edit is installed by the second poll, so three intervals pass without a fault; the fourth may
/// be late.
const STALE_INTERVALS: u32 = 4;

/// The policy that requests are decided by.
///
/// Requests only ever load it; it is replaced, and the old one dropped, by [`crate::PolicyRefresh`].
#[derive(Debug)]
pub struct PolicyInUse {
    source: String,
    stale_after: Duration,
    snapshot: ArcSwapOption<Snapshot>,
    first_poll_ended: watch::Sender<bool>,
    status: Mutex<Status>,
    unlisted: UnlistedHubs,
}

impl PolicyInUse {
    /// No policy yet; `source` says where it will come from, for people.
    #[must_use]
    pub fn new(source: String, refresh: Duration) -> Self {
        Self {
            source,
            stale_after: refresh * STALE_INTERVALS,
            snapshot: ArcSwapOption::empty(),
            first_poll_ended: watch::Sender::new(false),
            status: Mutex::default(),
            unlisted: UnlistedHubs::default(),
        }
    }

    /// The policy, if there is one now.
    pub(crate) fn now(&self) -> Guard<Option<Arc<Snapshot>>> {
        self.snapshot.load()
    }

    /// Waits while there is hope: until the first poll has ended, or the deadline.
    pub(crate) async fn first_poll(&self, deadline: Deadline) {
        let mut ended = self.first_poll_ended.subscribe();
        // Late or not, what counts is whether there is a policy now.
        let _late = deadline.bound(ended.wait_for(|ended| *ended)).await;
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn status(&self) -> Status {
        self.status.lock().clone()
    }

    /// Whether the store may hold another policy than the one in use.
    pub(crate) fn is_stale(&self, status: &Status, now: Timestamp) -> bool {
        let fresh =
            |confirmed: Timestamp| now.duration_since(confirmed).unsigned_abs() <= self.stale_after;
        status.refused.is_some()
            || status.unreadable.is_some()
            || !status.confirmed.is_some_and(fresh)
    }

    /// Installs a policy of the store; returns the one before, to be dropped off the request path.
    pub(crate) fn install(
        &self,
        policy: Policy,
        warnings: Vec<Finding>,
        now: Timestamp,
    ) -> Option<Arc<Snapshot>> {
        let before = self.swap(policy, now);
        *self.status.lock() = Status {
            confirmed: Some(now),
            warnings,
            ..Status::default()
        };
        before
    }

    /// The store holds no policy, and needs none; returns the one before.
    pub(crate) fn withdraw(&self, now: Timestamp) -> Option<Arc<Snapshot>> {
        let before = self.snapshot.swap(None);
        *self.status.lock() = Status {
            confirmed: Some(now),
            ..Status::default()
        };
        before
    }

    /// Installs a stored revision; returns the policy before.
    pub(crate) fn install_stored(&self, policy: Policy, now: Timestamp) -> Option<Arc<Snapshot>> {
        let before = self.swap(policy, now);
        self.status.lock().from_last_good = None;
        before
    }

    /// Installs the last good policy if nothing better can be loaded.
    pub(crate) fn install_last_good(&self, policy: Policy, saved: Timestamp, now: Timestamp) {
        self.swap(policy, now);
        let mut status = self.status.lock();
        status.confirmed = Some(saved);
        status.from_last_good = Some(saved);
    }

    fn swap(&self, policy: Policy, now: Timestamp) -> Option<Arc<Snapshot>> {
        let since = match &*self.snapshot.load() {
            // Comments and device rows change without changing the revision.
            Some(before) if before.policy.revision() == policy.revision() => before.since,
            _ => now,
        };
        self.snapshot
            .swap(Some(Arc::new(Snapshot::new(policy, since))))
    }

    /// The store holds what was installed or refused; returns whether it could not be read before.
    pub(crate) fn note_unchanged(&self, now: Timestamp) -> bool {
        let mut status = self.status.lock();
        if status.refused.is_none() {
            status.confirmed = Some(now);
        }
        status.unreadable.take().is_some()
    }

    /// The store is in the middle of no push.
    pub(crate) fn note_no_push(&self) {
        self.status.lock().push = None;
    }

    /// The store is in the middle of a push; returns whether that is news.
    ///
    /// The policy in use is still the one that counts, unless it is only the last good one.
    pub(crate) fn note_push(&self, push: PushUnderWay, now: Timestamp) -> bool {
        let mut status = self.status.lock();
        status.unreadable = None;
        if !push.overdue && status.refused.is_none() && status.from_last_good.is_none() {
            status.confirmed = Some(now);
        }
        let news = status.push.as_ref() != Some(&push);
        status.push = Some(push);
        news
    }

    /// The store holds tables with errors.
    pub(crate) fn refuse(&self, findings: Vec<Finding>, now: Timestamp) {
        let mut status = self.status.lock();
        status.unreadable = None;
        status.refused = Some(RefusedEdit { at: now, findings });
    }

    /// The store cannot be read; returns whether that is news.
    pub(crate) fn note_unreadable(&self, error: String, now: Timestamp) -> bool {
        let mut status = self.status.lock();
        let before = status.unreadable.as_ref();
        let since = before.map_or(now, |before| before.since);
        let known = before.is_some_and(|before| before.error == error);
        status.unreadable = Some(Unreadable { since, error });
        !known
    }

    /// A device keeps a hub without a row; returns whether that is news.
    pub(crate) fn note_unlisted(&self, hub: &str) -> bool {
        self.unlisted.count(hub)
    }

    /// How many decisions since the start let a device keep a hub without a row.
    pub(crate) fn unlisted_stays(&self) -> u64 {
        self.unlisted.total()
    }

    /// The hubs that devices keep and that have no row in the policy in use, with the number of
    /// decisions since the start.
    pub(crate) fn unlisted_hubs(&self) -> BTreeMap<String, u64> {
        let mut hubs = self.unlisted.of_hubs();
        if let Some(snapshot) = &*self.now() {
            hubs.retain(|hub, _| !snapshot.policy.has_hub(hub));
        }
        hubs
    }

    /// From now on a request without a policy is not kept waiting.
    pub(crate) fn end_first_poll(&self) {
        self.first_poll_ended.send_replace(true);
    }
}

#[cfg(test)]
mod tests;
