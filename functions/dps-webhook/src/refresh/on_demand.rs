//! Polls the config tables while a request waits.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::interval::Interval;
use super::policy_refresh::PolicyRefresh;
use crate::deadline::Deadline;

/// Keeps the policy in use up to date in a process that is frozen between requests.
///
/// A thread would wake up at the wrong time there: in the middle of a request, with connections
/// that are long dead. So a request that finds the policy too old polls the tables, waits for that
/// as long as it can, and goes on with what is in use then. Needs a runtime of tokio.
#[derive(Clone, Debug)]
pub struct PollsOnDemand(Arc<Mutex<Polls>>);

#[derive(Debug)]
struct Polls {
    refresh: PolicyRefresh,
    interval: Interval,
    pause: Option<Pause>,
}

/// The time after a poll until the next one is due.
///
/// By the wall clock: the monotonic one may stand still while the process is frozen.
#[derive(Clone, Copy, Debug)]
struct Pause {
    since: Timestamp,
    length: SignedDuration,
}

impl Pause {
    /// A clock that was set back makes no pause longer.
    fn is_over(self, now: Timestamp) -> bool {
        let passed = now.duration_since(self.since);
        passed.is_negative() || passed >= self.length
    }
}

impl PollsOnDemand {
    /// The first poll is due at once.
    #[must_use]
    pub fn new(refresh: PolicyRefresh, every: Duration) -> Self {
        Self(Arc::new(Mutex::new(Polls {
            refresh,
            interval: Interval::new(every),
            pause: None,
        })))
    }

    /// Polls if that is due, without waiting for it.
    pub(crate) fn begin(&self) -> JoinHandle<()> {
        let polls = Arc::clone(&self.0);
        tokio::spawn(async move { polls.lock().await.poll_if_due().await })
    }

    /// Polls if that is due, and waits for it until the deadline; a late poll goes on, while later
    /// requests are answered.
    pub(crate) async fn up_to_date(&self, deadline: Deadline) {
        // Late or not, what counts is the policy in use now.
        let _late = deadline.bound(self.begin()).await;
    }
}

impl Polls {
    async fn poll_if_due(&mut self) {
        let now = Timestamp::now();
        if self.pause.is_some_and(|pause| !pause.is_over(now)) {
            return;
        }
        let wait = self.refresh.poll_and_wait(&mut self.interval).await;
        self.pause = Some(Pause {
            since: now,
            length: SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(after: i64, expected: bool) {
        let pause = Pause {
            since: Timestamp::UNIX_EPOCH,
            length: SignedDuration::from_secs(15),
        };
        let now = pause.since + SignedDuration::from_secs(after);
        assert_eq!(pause.is_over(now), expected, "after {after} s");
    }

    #[test]
    fn a_pause_ends_by_the_wall_clock_even_if_that_is_set_back() {
        check(0, false);
        check(14, false);
        check(15, true);
        check(86_400, true);
        check(-1, true);
        check(-86_400, true);
    }
}
