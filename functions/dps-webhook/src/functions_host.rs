//! The Functions host that has started this process, if one has.
//!
//! Only the host ends a process that it has started: it does not start one again that has ended
//! with 0, and one that ends while the host still lets calls end fails those.

use std::os::unix::process::parent_id;
use std::time::Duration;

use tokio::time::sleep;

/// Set by the host for the process that it starts, and by nothing else. The port is not enough: a
/// container and a laptop set that as well.
pub(crate) const WORKER_ID: &str = "FUNCTIONS_CUSTOMHANDLER_WORKER_ID";

/// How often the process polls for its parent, which it may outlive by two seconds.
const POLL: Duration = Duration::from_millis(500);

/// The host, as the parent of this process.
#[derive(Debug)]
pub(crate) struct FunctionsHost {
    parent: u32,
}

impl FunctionsHost {
    /// The process that is the parent now.
    pub(crate) fn of_this_process() -> Self {
        Self {
            parent: parent_id(),
        }
    }

    /// Until the host is gone: the system then gives its children another parent.
    ///
    /// Asked for again and again: the signal that Linux can send at the death of a parent comes at
    /// the end of the *thread* that has started the process.
    pub(crate) async fn gone(&self) {
        while parent_id() == self.parent {
            sleep(POLL).await;
        }
    }
}
