//! Looks at the stored tables while a request waits.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::PolicyRefresh;
use super::pace::Pace;
use crate::deadline::Deadline;

/// Keeps the policy in use up to date in a process that is frozen between requests.
///
/// A thread would wake up at the wrong time there: in the middle of a request, with connections
/// that are long dead. So a request that finds the policy too old has it looked at, waits for that
/// as long as it can, and goes on with what is in use then. Needs a runtime of tokio.
#[derive(Clone, Debug)]
pub struct LooksOnDemand(Arc<Mutex<Looks>>);

#[derive(Debug)]
struct Looks {
    refresh: PolicyRefresh,
    pace: Pace,
    rest: Option<Rest>,
}

/// The time after a look in which nobody looks.
///
/// By the clock on the wall: the other one may stand still while the process is frozen.
#[derive(Clone, Copy, Debug)]
struct Rest {
    since: Timestamp,
    length: SignedDuration,
}

impl Rest {
    /// A clock that was set back makes no rest longer.
    fn is_over(self, now: Timestamp) -> bool {
        let passed = now.duration_since(self.since);
        passed.is_negative() || passed >= self.length
    }
}

impl LooksOnDemand {
    /// The first look is due at once.
    #[must_use]
    pub fn new(refresh: PolicyRefresh, every: Duration) -> Self {
        Self(Arc::new(Mutex::new(Looks {
            refresh,
            pace: Pace::new(every),
            rest: None,
        })))
    }

    /// Looks if that is due; nobody waits.
    pub(crate) fn begin(&self) -> JoinHandle<()> {
        let looks = Arc::clone(&self.0);
        tokio::spawn(async move { looks.lock().await.look_if_due().await })
    }

    /// Looks if that is due, and waits for it until the deadline; a late look goes on, while later
    /// requests are answered.
    pub(crate) async fn up_to_date(&self, deadline: Deadline) {
        // Late or not, what counts is the policy in use now.
        let _late = deadline.bound(self.begin()).await;
    }
}

impl Looks {
    async fn look_if_due(&mut self) {
        let now = Timestamp::now();
        if self.rest.is_some_and(|rest| !rest.is_over(now)) {
            return;
        }
        let wait = self.refresh.look_at(&mut self.pace).await;
        self.rest = Some(Rest {
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
        let rest = Rest {
            since: Timestamp::UNIX_EPOCH,
            length: SignedDuration::from_secs(15),
        };
        let now = rest.since + SignedDuration::from_secs(after);
        assert_eq!(rest.is_over(now), expected, "after {after} s");
    }

    #[test]
    fn a_rest_ends_by_the_clock_on_the_wall_also_where_that_is_set_back() {
        check(0, false);
        check(14, false);
        check(15, true);
        check(86_400, true);
        check(-1, true);
        check(-86_400, true);
    }
}
