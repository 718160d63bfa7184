//! Rollouts: where they stand, and the row edits that steer them.
//!
//! A command is an edit of rows and nothing else: what it does to devices is what the engine makes
//! of the tables.

mod command;
mod error;
mod give_back;
mod moves;
mod schedule;
mod shift;
mod status;

pub use command::{Command, edits};
pub use error::RolloutError;
pub use give_back::Return;
pub use moves::Moves;
pub(crate) use schedule::full;
pub use schedule::{Schedule, ScheduleError, length};
pub use status::{NextStep, Phase, Status, find, statuses};
