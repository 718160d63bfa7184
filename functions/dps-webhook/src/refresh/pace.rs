//! How long to wait between two looks at the stored tables.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// What a look has found, as far as it matters for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looked {
    /// The store can be read, and nothing is to be waited for.
    Settled,
    /// Something has changed and may be half an edit.
    Editing,
    /// A push is under way.
    Pushing,
    /// A push has not finished for so long that it was probably interrupted.
    PushOverdue,
    /// The store cannot be read.
    Failed,
}

/// The waits between looks.
#[derive(Debug)]
pub(crate) struct Pace {
    every: Duration,
    failures: u32,
}

/// First wait after a failure while there is no policy at all: every request is turned away then.
const IMPATIENT: Duration = Duration::from_secs(1);

/// Longest wait after failures, in intervals: a minute at the default one.
const LONGEST_BACKOFF: u32 = 4;

impl Pace {
    pub(crate) fn new(every: Duration) -> Self {
        Self { every, failures: 0 }
    }

    /// How long to wait after a look, before jitter.
    pub(crate) fn after(&mut self, looked: Looked, has_policy: bool) -> Duration {
        if looked != Looked::Failed {
            self.failures = 0;
        }
        match looked {
            Looked::Settled | Looked::PushOverdue => self.every,
            // A third, so that an edit is in use within one and a half intervals.
            Looked::Editing | Looked::Pushing => self.every / 3,
            Looked::Failed => {
                let first = if has_policy { self.every } else { IMPATIENT };
                let doubled = first.saturating_mul(1 << self.failures.min(16));
                self.failures += 1;
                doubled.min(self.every.saturating_mul(LONGEST_BACKOFF))
            }
        }
    }
}

/// A tenth more or less, so that instances that start together do not look together for ever.
pub(crate) fn jittered(wait: Duration) -> Duration {
    // Every state of the standard library's hash has random keys of its own.
    let random = RandomState::new().hash_one(()) % 201;
    wait.saturating_mul(900 + u32::try_from(random).unwrap_or_default()) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays looks, one character each (`s` settled, `e` editing, `p` pushing,
    /// `o` overdue, `f` failed); seconds to wait.
    #[track_caller]
    fn check(every: u64, has_policy: bool, looks: &str, expected: &[u64]) {
        let mut pace = Pace::new(Duration::from_secs(every));
        let waits = looks.chars().map(|look| {
            let looked = match look {
                's' => Looked::Settled,
                'e' => Looked::Editing,
                'p' => Looked::Pushing,
                'o' => Looked::PushOverdue,
                _ => Looked::Failed,
            };
            pace.after(looked, has_policy).as_secs()
        });
        assert_eq!(waits.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_edit_is_looked_at_again_soon() {
        check(15, true, "sses", &[15, 15, 5, 15]);
    }

    #[test]
    fn a_push_is_looked_at_again_soon_unless_it_seems_to_be_given_up() {
        check(15, true, "sppoos", &[15, 5, 5, 15, 15, 15]);
        check(15, false, "ppof", &[5, 5, 15, 1]);
    }

    #[test]
    fn failures_are_waited_out_longer_and_longer() {
        check(15, true, "fffffsf", &[15, 30, 60, 60, 60, 15, 15]);
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
