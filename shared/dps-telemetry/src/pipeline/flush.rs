//! A flush with a time limit: the SDK's own takes as long as the exporter does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// The flushes of one kind, of which one is under way at a time.
#[derive(Debug, Default)]
pub(crate) struct Flushes {
    is_under_way: AtomicBool,
    /// Waits that were in vain since the last flush that succeeded.
    missed: AtomicU32,
}

/// The end of a flush; it has ended already where another one is under way.
pub(crate) type Ended = Receiver<()>;

/// A wait is halved so often at most: after that, 1/64 of it.
const MAX_HALVINGS: u32 = 6;

impl Flushes {
    /// Runs `flush` on a thread of its own; it answers whether it has succeeded.
    pub(crate) fn begin(self: &Arc<Self>, flush: impl FnOnce() -> bool + Send + 'static) -> Ended {
        let (end, ended) = channel();
        if !self.is_under_way.swap(true, Ordering::AcqRel) {
            let flushes = Arc::clone(self);
            let run = move || {
                if flush() {
                    flushes.missed.store(0, Ordering::Relaxed);
                }
                flushes.is_under_way.store(false, Ordering::Release);
                drop(end);
            };
            if thread::Builder::new().spawn(run).is_err() {
                self.is_under_way.store(false, Ordering::Release);
            }
        }
        ended
    }

    /// Waits for the end of a flush, for at most `limit`.
    pub(crate) fn wait(&self, ended: &Ended, limit: Duration) {
        let missed = self.missed.load(Ordering::Relaxed);
        let waited = ended.recv_timeout(patience(limit, missed));
        if waited == Err(RecvTimeoutError::Timeout) {
            let missed = missed.saturating_add(1);
            self.missed.store(missed, Ordering::Relaxed);
        }
    }
}

/// Each wait in vain halves the next one: whoever flushes after each request does not pay for a
/// dead collector each time.
fn patience(limit: Duration, missed: u32) -> Duration {
    limit / (1 << missed.min(MAX_HALVINGS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_in_vain_halves_the_next_one() {
        let second = Duration::from_secs(1);
        assert_eq!(patience(second, 0), second);
        assert_eq!(patience(second, 1), second / 2);
        assert_eq!(patience(second, 6), second / 64);
        assert_eq!(patience(second, u32::MAX), second / 64);
    }
}
