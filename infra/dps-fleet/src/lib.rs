//! What a policy does to devices, one or many: statements about it, and whether they hold.
//!
//! A computation here is a function of tables and of texts that the caller has read: no clock, no
//! network, no terminal.

mod flow;
mod ids;
mod rows;

pub mod edit;
pub mod fleet;
pub mod outcome;
pub mod plan;
pub mod prediction;
pub mod preview;
pub mod probe;
pub mod prove;
pub mod replay;
pub mod rollout;
pub mod scenario;
pub mod shadow;
pub mod simulate;

pub use flow::{Destination, Flow, Route};
pub use ids::Ids;
