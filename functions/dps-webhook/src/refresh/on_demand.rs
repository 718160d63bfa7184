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
    /// By the clock on the wall: the other one may stand still while the process is frozen.
    due: Timestamp,
}

impl LooksOnDemand {
    /// The first look is due at once.
    #[must_use]
    pub fn new(refresh: PolicyRefresh, every: Duration) -> Self {
        Self(Arc::new(Mutex::new(Looks {
            refresh,
            pace: Pace::new(every),
            due: Timestamp::MIN,
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
        if now < self.due {
            return;
        }
        let wait = self.refresh.look_at(&mut self.pace).await;
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        self.due = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
    }
}
