//! What a command ends with, for scripts.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// As it should be.
    Good,
    /// The answer is "no": errors in the tables, a refused device, a difference.
    Findings,
    /// There is no answer: wrong arguments, unreadable files.
    CouldNot,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Good => 0,
            Exit::Findings => 1,
            // Also what clap ends with.
            Exit::CouldNot => 2,
        })
    }
}
