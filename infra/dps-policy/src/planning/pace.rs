//! How fast devices move.

use dps_fleet::rollout::{Schedule, ScheduleError};

/// The shares of a movement, and the time that they take.
#[derive(Debug, clap::Args)]
pub(super) struct Pace {
    /// Shares of the moves [default: 5;25;50;100 every 2d]
    #[arg(long, value_name = "SHARES")]
    share: Option<String>,

    /// Time from the first share to the last; alone: an even growth
    #[arg(long, value_name = "TIME")]
    over: Option<String>,
}

impl Pace {
    /// # Errors
    /// As of [`Schedule::parse`].
    pub(super) fn schedule(&self) -> Result<Schedule, ScheduleError> {
        Schedule::parse(self.share.as_deref(), self.over.as_deref())
    }
}
