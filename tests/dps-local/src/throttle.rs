//! Limits of how often.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use crate::options::Limits;
use crate::refusal::Refusal;

const MINUTE: Duration = Duration::from_mins(1);
const TEN_SECONDS: Duration = Duration::from_secs(10);

/// How many devices are remembered before those that have not polled lately are forgotten.
const REMEMBERED: usize = 10_000;

/// What has happened lately.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    registrations: Window,
    polls: BTreeMap<String, Window>,
}

impl Throttle {
    pub(crate) fn registration(&mut self, limits: Limits, now: Timestamp) -> Result<(), Refusal> {
        self.registrations
            .count(limits.registrations_per_minute, MINUTE, now)
    }

    pub(crate) fn poll(
        &mut self,
        device: &str,
        limits: Limits,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.polls.len() >= REMEMBERED {
            self.polls
                .retain(|_, window| window.is_recent(TEN_SECONDS, now));
        }
        let window = self.polls.entry(device.to_owned()).or_default();
        window.count(limits.polls_per_ten_seconds, TEN_SECONDS, now)
    }
}

/// When each of the last was.
#[derive(Debug, Default)]
struct Window(VecDeque<Timestamp>);

impl Window {
    /// Counts one, or says when the next will be allowed.
    fn count(&mut self, limit: usize, length: Duration, now: Timestamp) -> Result<(), Refusal> {
        while self
            .0
            .front()
            .is_some_and(|first| age(*first, now) >= length)
        {
            self.0.pop_front();
        }
        match self.0.front() {
            Some(first) if self.0.len() >= limit => {
                Err(Refusal::throttled(length.saturating_sub(age(*first, now))))
            }
            _ => {
                self.0.push_back(now);
                Ok(())
            }
        }
    }

    fn is_recent(&self, length: Duration, now: Timestamp) -> bool {
        self.0.back().is_some_and(|last| age(*last, now) < length)
    }
}

fn age(then: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(then).unsigned_abs()
}
