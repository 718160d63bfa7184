//! The policy in use, and what is known about it.

mod in_use;
mod snapshot;
mod status;
mod unlisted;

pub use in_use::PolicyInUse;
pub(crate) use snapshot::Snapshot;
pub(crate) use status::{PushUnderWay, RefusedEdit, Unreadable};
