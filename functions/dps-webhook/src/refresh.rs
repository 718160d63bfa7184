//! Polls the config tables, and installs what has been edited.

mod emptied;
mod fallback;
mod findings;
mod interval;
mod loader;
mod on_demand;
mod policy_refresh;
mod recorder;

pub use on_demand::PollsOnDemand;
pub use policy_refresh::PolicyRefresh;
