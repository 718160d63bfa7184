//! A flush with a time limit: the SDK's own takes as long as the exporter does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_sdk::error::OTelSdkResult;

/// The flushes to one destination, one at a time.
#[derive(Clone)]
pub(crate) struct Flush(Arc<State>);

struct State {
    flush: Box<dyn Fn() -> OTelSdkResult + Send + Sync>,
    is_under_way: AtomicBool,
    /// Waits that timed out since the last flush that succeeded.
    missed: AtomicU32,
}

/// A wait is halved at most this often, to 1/64.
const MAX_HALVINGS: u32 = 6;

/// Flushes to all destinations side by side; waits for the end, for at most `limit`.
pub(crate) fn all(flushes: &[Flush], limit: Duration) {
    let begin = Instant::now();
    let ends: Vec<_> = flushes.iter().map(|it| (it, it.begin())).collect();
    for (flush, end) in ends {
        flush.wait(&end, limit.saturating_sub(begin.elapsed()));
    }
}

impl Flush {
    pub(crate) fn new(flush: impl Fn() -> OTelSdkResult + Send + Sync + 'static) -> Self {
        Self(Arc::new(State {
            flush: Box::new(flush),
            is_under_way: AtomicBool::new(false),
            missed: AtomicU32::new(0),
        }))
    }

    /// Runs on a thread of its own. The end has come already where another flush is under way.
    fn begin(&self) -> Receiver<()> {
        let (end, ended) = channel();
        let Self(state) = self.clone();
        if !self.0.is_under_way.swap(true, Ordering::AcqRel) {
            let run = move || {
                if (state.flush)().is_ok() {
                    state.missed.store(0, Ordering::Relaxed);
                }
                state.is_under_way.store(false, Ordering::Release);
                drop(end);
            };
            if thread::Builder::new().spawn(run).is_err() {
                self.0.is_under_way.store(false, Ordering::Release);
            }
        }
        ended
    }

    fn wait(&self, ended: &Receiver<()>, limit: Duration) {
        let missed = self.0.missed.load(Ordering::Relaxed);
        let waited = ended.recv_timeout(patience(limit, missed));
        if waited == Err(RecvTimeoutError::Timeout) {
            let missed = missed.saturating_add(1);
            self.0.missed.store(missed, Ordering::Relaxed);
        }
    }
}

/// Each timeout halves the next wait: a caller that flushes after each request does not pay for a
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
