//! What is known about the exports to one destination.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// How the exports to one destination go; without its address, and without keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What the destination is, in a few words.
    pub destination: &'static str,
    /// When it last accepted something; none: not since the start.
    pub last_success: Option<SystemTime>,
    /// The outage that has not ended.
    pub outage: Option<Outage>,
    /// Spans that were lost since the start: they found no room, or their export failed.
    pub dropped_spans: u64,
}

/// A destination that accepts nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When the first export failed.
    pub since: SystemTime,
    /// How the last one failed.
    pub problem: Problem,
}

/// How an export failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The destination answered with this status.
    Status(u16),
    /// No answer came.
    NoAnswer,
}

/// Notes the exports to one destination.
#[derive(Debug)]
pub(crate) struct Deliveries {
    pub(super) destination: &'static str,
    state: Mutex<State>,
    dropped_spans: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    last_success: Option<SystemTime>,
    outage: Option<Outage>,
}

/// What an export has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// An outage has begun.
    Begun,
    /// An outage has ended.
    Ended,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status {status}"),
            Self::NoAnswer => f.write_str("no answer"),
        }
    }
}

impl Deliveries {
    pub(super) fn new(destination: &'static str) -> Self {
        Self {
            destination,
            state: Mutex::default(),
            dropped_spans: AtomicU64::new(0),
        }
    }

    /// Notes the end of an export; returns what it has changed.
    pub(super) fn note(&self, problem: Option<Problem>) -> Option<Change> {
        let now = SystemTime::now();
        let mut state = self.state();
        let before = state.outage;
        state.outage = problem.map(|problem| Outage {
            since: before.map_or(now, |outage| outage.since),
            problem,
        });
        if problem.is_none() {
            state.last_success = Some(now);
        }
        match (before, problem) {
            (None, Some(_)) => Some(Change::Begun),
            (Some(_), None) => Some(Change::Ended),
            _ => None,
        }
    }

    pub(super) fn note_dropped(&self, spans: usize) {
        self.dropped_spans
            .fetch_add(spans as u64, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Delivery {
        let state = self.state();
        Delivery {
            destination: self.destination,
            last_success: state.last_success,
            outage: state.outage,
            dropped_spans: self.dropped_spans.load(Ordering::Relaxed),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_lasts_until_something_is_accepted() {
        let deliveries = Deliveries::new("a collector");
        let status = Problem::Status(503);
        assert_eq!(deliveries.note(Some(status)), Some(Change::Begun));
        let begun = deliveries.now().outage.unwrap();
        assert_eq!(begun.problem, status);
        assert_eq!(deliveries.note(Some(Problem::NoAnswer)), None);
        let problem = Problem::NoAnswer;
        assert_eq!(deliveries.now().outage, Some(Outage { problem, ..begun }));
        assert_eq!(deliveries.now().last_success, None);
        assert_eq!(deliveries.note(None), Some(Change::Ended));
        assert_eq!(deliveries.now().outage, None);
        assert!(deliveries.now().last_success.is_some());
        assert_eq!(deliveries.note(None), None);
    }
}
