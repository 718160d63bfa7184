//! How long to wait between two polls of the config tables.

use std::time::Duration;

use dps_telemetry::PollOutcome;

/// The time between two polls, which grows while they fail.
#[derive(Debug)]
pub(super) struct Interval {
    every: Duration,
    failures: u32,
}

/// First wait after a failure while there is no policy at all: every request is refused then.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);

/// Longest wait after failures, in intervals: a minute at the default one.
const MAX_BACKOFF: u32 = 4;

impl Interval {
    pub(super) fn new(every: Duration) -> Self {
        Self { every, failures: 0 }
    }

    /// How long to wait after a poll, without jitter.
    pub(super) fn after(&mut self, poll: PollOutcome, has_policy: bool) -> Duration {
        if poll != PollOutcome::Failed {
            self.failures = 0;
        }
        match poll {
            PollOutcome::Unchanged
            | PollOutcome::Installed
            | PollOutcome::Refused
            | PollOutcome::PushOverdue => self.every,
            // A third, so that an edit is in use within one and a half intervals.
            PollOutcome::Editing | PollOutcome::Pushing => self.every / 3,
            PollOutcome::Failed => {
                let first = if has_policy {
                    self.every
                } else {
                    FIRST_BACKOFF
                };
                let doubled = first.saturating_mul(1 << self.failures.min(16));
                self.failures += 1;
                doubled.min(self.every.saturating_mul(MAX_BACKOFF))
            }
        }
    }
}

/// A tenth more or less, so that instances that start together do not always poll together.
pub(super) fn jittered(wait: Duration) -> Duration {
    wait.saturating_mul(fastrand::u32(900..=1100)) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds to wait after each of `polls`: `u` unchanged, `e` editing, `p` pushing, `o` push
    /// overdue, `f` failed.
    #[track_caller]
    fn check(every: u64, has_policy: bool, polls: &str, expected: &[u64]) {
        let mut interval = Interval::new(Duration::from_secs(every));
        let waits = polls.chars().map(|letter| {
            let poll = match letter {
                'u' => PollOutcome::Unchanged,
                'e' => PollOutcome::Editing,
                'p' => PollOutcome::Pushing,
                'o' => PollOutcome::PushOverdue,
                _ => PollOutcome::Failed,
            };
            interval.after(poll, has_policy).as_secs()
        });
        assert_eq!(waits.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_edit_is_polled_again_soon() {
        check(15, true, "uueu", &[15, 15, 5, 15]);
    }

    #[test]
    fn a_push_is_polled_again_soon_unless_it_seems_to_be_given_up() {
        check(15, true, "uppoou", &[15, 5, 5, 15, 15, 15]);
        check(15, false, "ppof", &[5, 5, 15, 1]);
    }

    #[test]
    fn the_wait_after_failures_doubles() {
        check(15, true, "fffffuf", &[15, 30, 60, 60, 60, 15, 15]);
        check(1, true, "ffff", &[1, 2, 4, 4]);
    }

    #[test]
    fn without_a_policy_the_first_tries_come_soon() {
        check(15, false, "fffffffff", &[1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn waits_differ_by_at_most_a_tenth() {
        let waits: Vec<u128> = (0..100)
            .map(|_| jittered(Duration::from_secs(10)).as_millis())
            .collect();
        assert!(
            waits.iter().all(|wait| (9_000..=11_000).contains(wait)),
            "{waits:?}"
        );
        assert!(waits.iter().any(|wait| *wait != waits[0]), "{waits:?}");
    }
}
