//! What plans of several devices share: whose, how fast, under which id, where.

use dps_fleet::rollout::{Schedule, ScheduleError};

use super::pace::Pace;
use super::target::Target;

/// Whose devices a plan moves, how fast, under which id, and where it is written.
#[derive(Debug, clap::Args)]
pub(super) struct Course {
    /// Only devices of this tenant
    #[arg(long)]
    pub(super) tenant: Option<String>,

    #[command(flatten)]
    pace: Pace,

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
        self.pace.schedule()
    }
}
