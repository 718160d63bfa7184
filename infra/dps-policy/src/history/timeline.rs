//! When which revision was put into use.

use dps_allocation::RevisionPrefix;
use dps_policy_store::{PushNote, RevisionEntry};
use jiff::{SignedDuration, Timestamp};

/// A revision was put into use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    pub(crate) revision: &'a RevisionPrefix,
    pub(crate) at: Option<Timestamp>,
    /// `None`: somebody edited the tables, and a webhook or the next push has stored the result.
    pub(crate) push: Option<&'a PushNote>,
}

/// A push stores its revision before it writes, and records afterwards who pushed.
const LONGEST_PUSH: SignedDuration = SignedDuration::from_mins(10);

/// Every time that a revision was put into use, the newest first.
pub(crate) fn events(stored: &[RevisionEntry]) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    for entry in stored {
        let revision = &entry.revision;
        let first_push = entry.pushes.first().and_then(|push| push.at);
        let by_push = match (entry.first_seen, first_push) {
            (Some(seen), Some(pushed)) => pushed.duration_since(seen) <= LONGEST_PUSH,
            _ => !entry.pushes.is_empty(),
        };
        if !by_push {
            events.push(Event {
                revision,
                at: entry.first_seen,
                push: None,
            });
        }
        events.extend(entry.pushes.iter().map(|push| Event {
            revision,
            at: push.at,
            push: Some(push),
        }));
    }
    events.sort_by_key(|event| event.at);
    events.reverse();
    events
}

/// The revision that was in use before the current one.
pub(crate) fn previous<'a>(
    events: &[Event<'a>],
    current: Option<&RevisionPrefix>,
) -> Option<&'a RevisionPrefix> {
    let mut revisions = events.iter().map(|event| event.revision);
    revisions.find(|it| Some(*it) != current)
}

#[cfg(test)]
mod tests {
    use dps_policy_store::PushedBy;

    use super::*;

    const TEN: &str = "2026-11-01T10:00:00Z";

    /// Revisions as `digit seen push push..`, times in minutes after ten; answers `digit` for each
    /// event, in capitals if it was pushed, and the one before the current.
    #[track_caller]
    fn check(stored: &[(&str, i64, &[i64])], expected: &str, current: &str, previous_is: &str) {
        let minutes = |minutes: i64| {
            let ten: Timestamp = TEN.parse().unwrap();
            Some(ten + SignedDuration::from_mins(minutes))
        };
        let stored: Vec<RevisionEntry> = stored
            .iter()
            .map(|(digit, seen, pushes)| RevisionEntry {
                revision: digit.repeat(64).parse().unwrap(),
                first_seen: minutes(*seen),
                pushes: pushes
                    .iter()
                    .map(|at| PushNote {
                        at: minutes(*at),
                        by: PushedBy {
                            identity: None,
                            author: String::new(),
                        },
                        reason: String::new(),
                        report: None,
                    })
                    .collect(),
            })
            .collect();
        let events = events(&stored);
        let digit = |revision: &RevisionPrefix| revision.to_string()[..1].to_owned();
        let shown: String = events
            .iter()
            .map(|event| match event.push {
                Some(_) => digit(event.revision).to_uppercase(),
                None => digit(event.revision),
            })
            .collect();
        assert_eq!(shown, expected);
        let current: Option<RevisionPrefix> = current.repeat(64).parse().ok();
        let previous = previous(&events, current.as_ref())
            .map(digit)
            .unwrap_or_default();
        assert_eq!(previous, previous_is);
    }

    #[test]
    fn the_newest_comes_first() {
        check(&[], "", "a", "");
        check(&[("a", 0, &[0])], "A", "a", "");
        check(&[("a", 0, &[0])], "A", "b", "a");
        check(&[("a", 0, &[1]), ("b", 5, &[5])], "BA", "b", "a");
        // Back again, and an edit by hand that a webhook has stored.
        check(&[("a", 0, &[1, 9]), ("b", 5, &[5])], "ABA", "a", "b");
        check(&[("a", 0, &[1]), ("b", 5, &[])], "bA", "b", "a");
        check(&[("a", 0, &[60]), ("b", 5, &[5])], "ABa", "a", "b");
        // The tables hold something that is not stored.
        check(&[("a", 0, &[1]), ("b", 5, &[5])], "BA", "", "b");
    }
}
