//! How far a destination has come with what it is to send.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// Everything that is told has a number, and is dealt with in this order.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    state: Mutex<State>,
    moved: Condvar,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Somebody waits for everything up to this number.
    wanted: u64,
    /// Everything up to this number is exported or given up.
    done: u64,
    /// Exports that failed and waits that were in vain, since the last export that went well.
    failures: u32,
}

/// A wait is halved so often at most: after that, 1/64 of it.
const MOST_HALVINGS: u32 = 6;

impl Progress {
    /// Asks for everything up to this number at once.
    pub(crate) fn want(&self, number: u64) {
        let mut state = self.lock();
        state.wanted = state.wanted.max(number);
        if state.wanted > state.done {
            self.news.notify_one();
        }
    }

    /// Waits until everything up to this number is dealt with, at most until `end`.
    ///
    /// Each failure halves the time: who calls this again and again does not pay for a collector
    /// that is away each time.
    pub(crate) fn wait(&self, number: u64, end: Instant) {
        let state = self.lock();
        let left = end.saturating_duration_since(Instant::now());
        let patience = left / (1 << state.failures.min(MOST_HALVINGS));
        let waited = self
            .moved
            .wait_timeout_while(state, patience, |state| state.done < number);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && state.done < number {
            state.failures = state.failures.saturating_add(1);
        }
    }

    /// Everything up to this number is dealt with.
    pub(crate) fn reached(&self, number: u64, exported: bool) {
        let mut state = self.lock();
        state.done = state.done.max(number);
        state.failures = if exported {
            0
        } else {
            state.failures.saturating_add(1)
        };
        self.moved.notify_all();
    }

    /// Whether somebody waits for what is not done.
    pub(crate) fn is_wanted(&self) -> bool {
        let state = self.lock();
        state.wanted > state.done
    }

    /// Says that something may have changed.
    pub(crate) fn wake(&self) {
        self.news.notify_one();
    }

    /// Until something has changed; there is one who waits for that.
    pub(crate) async fn changed(&self) {
        self.news.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
