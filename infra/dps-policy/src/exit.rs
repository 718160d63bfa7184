//! Exit codes, for scripts.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command has done what it was asked, and found nothing wrong.
    Success,
    /// The answer is "no": errors in the tables, a refused device, a difference.
    Findings,
    /// There is no answer: wrong arguments, unreadable files.
    Failed,
}

impl Exit {
    /// How a command ended that has an answer.
    pub(crate) fn of(is_good: bool) -> Self {
        if is_good {
            Self::Success
        } else {
            Self::Findings
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Findings => 1,
            // The same as for arguments that clap refuses.
            Exit::Failed => 2,
        })
    }
}
