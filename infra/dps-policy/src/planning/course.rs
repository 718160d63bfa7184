//! What plans of several devices share: whose, how fast, under which id, where.

use dps_fleet::rollout::{Schedule, ScheduleError};

use super::target::Target;

/// Whose devices a plan moves, how fast, under which id, and where it is written.
#[derive(Debug, clap::Args)]
pub(super) struct Course {
    /// Only devices of this tenant
    #[arg(long)]
    pub(super) tenant: Option<String>,

    /// Shares of the moves [default: 5;25;50;100 every 2d]
    #[arg(long, value_name = "SHARES")]
    share: Option<String>,

    /// Time from the first share to the last; alone, the share grows evenly
    #[arg(long, value_name = "TIME")]
    over: Option<String>,

    /// Id of the rollout, or beginning of several [default: date and hub]
    #[arg(long)]
    pub(super) id: Option<String>,

    #[command(flatten)]
    pub(super) target: Target,
}

impl Course {
    /// # Errors
    /// As of [`Schedule::parse`].
    pub(super) fn schedule(&self) -> Result<Schedule, ScheduleError> {
        Schedule::parse(self.share.as_deref(), self.over.as_deref())
    }
}
