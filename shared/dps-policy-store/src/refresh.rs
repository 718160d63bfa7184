//! When an edited policy is installed.

use crate::fingerprint::Fingerprint;

/// Which state of the stored tables is settled, and which one waits for a second poll.
///
/// People edit rows one by one, so a changed state is installed only when two polls in a row find
/// it. The first state after a start is installed at once: there is nothing better to use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refresh {
    /// Installed or rejected; either way it is not tried again until it changes.
    settled: Option<Fingerprint>,
    /// Found once, by the last poll.
    pending: Option<Fingerprint>,
}

/// What to do after a poll of the stored tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing has changed, or the tables could not be read.
    Nothing,
    /// Something has changed and may be half an edit: poll again.
    ReadAgainLater,
    /// Install the tables as they are now.
    Install,
}

impl Refresh {
    /// Decides by what a poll has found; none if the tables could not be read.
    pub fn observe(&mut self, seen: Option<Fingerprint>) -> Next {
        let pending = std::mem::replace(&mut self.pending, seen);
        if seen.is_none() || seen == self.settled {
            self.pending = None;
            return Next::Nothing;
        }
        if self.settled.is_none() || seen == pending {
            return Next::Install;
        }
        Next::ReadAgainLater
    }

    /// Records that this state was installed or rejected.
    pub fn settle(&mut self, fingerprint: Fingerprint) {
        self.settled = Some(fingerprint);
        self.pending = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::FingerprintBuilder;

    /// Plays polls, one character each: a letter is a state, `!` a failed read. Every state that
    /// is to be installed is settled, as by a caller that installs or rejects it. Answers one
    /// character for each poll: `.` nothing, `?` read again later, `T` install.
    fn play(polls: &str) -> String {
        let mut refresh = Refresh::default();
        let mut answer = |poll: char| {
            let seen = (poll != '!').then(|| {
                let mut builder = FingerprintBuilder::default();
                builder.add(&poll.to_string(), None);
                builder.finish()
            });
            match (refresh.observe(seen), seen) {
                (Next::Install, Some(seen)) => {
                    refresh.settle(seen);
                    'T'
                }
                (Next::Install, None) => 'x',
                (Next::ReadAgainLater, _) => '?',
                (Next::Nothing, _) => '.',
            }
        };
        polls.chars().map(&mut answer).collect()
    }

    #[track_caller]
    fn check(polls: &str, answers: &str) {
        assert_eq!(play(polls), answers, "{polls}");
    }

    #[test]
    fn a_changed_state_is_installed_when_two_polls_in_a_row_find_it() {
        check("a", "T");
        check("aaa", "T..");
        check("abb", "T?T");
        check("abbb", "T?T.");
        check("abcc", "T??T");
        check("abcbb", "T???T");
    }

    #[test]
    fn an_edit_undone_before_it_is_installed_changes_nothing() {
        check("aba", "T?.");
        check("abab", "T?.?");
    }

    #[test]
    fn a_settled_state_is_not_tried_again_until_it_changes() {
        check("abbbb", "T?T..");
        check("abbaa", "T?T?T");
    }

    #[test]
    fn a_failed_read_does_not_count() {
        check("!!a", "..T");
        check("ab!b", "T?.?");
        check("a!a", "T..");
    }

    #[test]
    fn install_is_answered_until_the_state_is_settled() {
        let fingerprint = FingerprintBuilder::default().finish();
        let mut refresh = Refresh::default();
        assert_eq!(refresh.observe(Some(fingerprint)), Next::Install);
        assert_eq!(refresh.observe(Some(fingerprint)), Next::Install);
        refresh.settle(fingerprint);
        assert_eq!(refresh.observe(Some(fingerprint)), Next::Nothing);
    }
}
