//! How many connections a server has, and for how long.

use std::net::IpAddr;
use std::time::Duration;

use tokio::sync::Semaphore;

/// Limits of the connections of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many connections there may be at a time.
    pub(crate) max: usize,
    /// Longest time from the begin of a connection to the end of its first head.
    pub(crate) first_head: Duration,
    /// Longest time from one head to the next: the answer and the idle time after it.
    pub(crate) next_head: Duration,
}

/// DPS sends at most 17 requests a second, so that some dozens are under way even if each takes
/// all of its time; half of the files that a process may usually open.
const MAX: usize = 512;

/// A caller that opens a connection sends a request at once; it may be far away.
const FIRST_HEAD: Duration = Duration::from_secs(10);

/// Longer than the 60 s for which the Functions host and load balancers keep idle connections: they
/// must be the ones to close, or they send requests into connections that are just being closed.
const IDLE: Duration = Duration::from_secs(75);

impl Limits {
    /// Of a server that listens on `address`; `deadline` is that of a request.
    ///
    /// Callers on the same machine may have as many connections as they want.
    pub(crate) fn of_server(address: IpAddr, deadline: Duration) -> Self {
        Self {
            max: if address.is_loopback() {
                Semaphore::MAX_PERMITS
            } else {
                MAX
            },
            first_head: FIRST_HEAD,
            next_head: deadline + IDLE,
        }
    }
}
