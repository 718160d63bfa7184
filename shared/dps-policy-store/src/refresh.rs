//! When an edited policy may be taken.

use crate::Fingerprint;

/// Which state of the stored tables was dealt with, and which one is being watched.
///
/// People edit rows one by one, so a changed state is taken only when two looks in a row find it.
/// The first state after a start is taken at once: there is nothing better to go on with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refresh {
    /// Taken or rejected; either way it is not tried again until it changes.
    settled: Option<Fingerprint>,
    /// Seen once, by the last look.
    pending: Option<Fingerprint>,
}

/// What to do after a look at the stored tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing has changed, or nothing could be seen.
    Nothing,
    /// Something has changed and may be half an edit: look again.
    ReadAgainLater,
    /// Take the tables as they are now.
    Take,
}

impl Refresh {
    /// Tells what a look has found; none where the tables could not be read.
    pub fn observe(&mut self, seen: Option<Fingerprint>) -> Next {
        let pending = std::mem::replace(&mut self.pending, seen);
        if seen.is_none() || seen == self.settled {
            self.pending = None;
            return Next::Nothing;
        }
        if self.settled.is_none() || seen == pending {
            return Next::Take;
        }
        Next::ReadAgainLater
    }

    /// Tells that this state was taken or rejected.
    pub fn settle(&mut self, fingerprint: Fingerprint) {
        self.settled = Some(fingerprint);
        self.pending = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::FingerprintBuilder;

    /// Plays looks, one character each: a letter is a state, `!` a failed read. Every state that
    /// is to be taken is settled, as by a caller that takes or rejects it. Answers, one character
    /// a look: `.` nothing, `?` read again later, `T` take.
    fn play(looks: &str) -> String {
        let mut refresh = Refresh::default();
        let mut answer = |look: char| {
            let seen = (look != '!').then(|| {
                let mut builder = FingerprintBuilder::default();
                builder.add(&look.to_string(), None);
                builder.finish()
            });
            match (refresh.observe(seen), seen) {
                (Next::Take, Some(seen)) => {
                    refresh.settle(seen);
                    'T'
                }
                (Next::Take, None) => 'x',
                (Next::ReadAgainLater, _) => '?',
                (Next::Nothing, _) => '.',
            }
        };
        looks.chars().map(&mut answer).collect()
    }

    #[track_caller]
    fn check(looks: &str, answers: &str) {
        assert_eq!(play(looks), answers, "{looks}");
    }

    #[test]
    fn a_changed_state_is_taken_when_two_looks_in_a_row_find_it() {
        check("a", "T");
        check("aaa", "T..");
        check("abb", "T?T");
        check("abbb", "T?T.");
        check("abcc", "T??T");
        check("abcbb", "T???T");
    }

    #[test]
    fn an_edit_undone_before_it_is_taken_changes_nothing() {
        check("aba", "T?.");
        check("abab", "T?.?");
    }

    #[test]
    fn a_state_dealt_with_is_not_tried_again_until_it_changes() {
        check("abbbb", "T?T..");
        check("abbaa", "T?T?T");
    }

    #[test]
    fn a_failed_read_is_no_look() {
        check("!!a", "..T");
        check("ab!b", "T?.?");
        check("a!a", "T..");
    }

    #[test]
    fn take_is_answered_until_the_state_is_settled() {
        let fingerprint = FingerprintBuilder::default().finish();
        let mut refresh = Refresh::default();
        assert_eq!(refresh.observe(Some(fingerprint)), Next::Take);
        assert_eq!(refresh.observe(Some(fingerprint)), Next::Take);
        refresh.settle(fingerprint);
        assert_eq!(refresh.observe(Some(fingerprint)), Next::Nothing);
    }
}
