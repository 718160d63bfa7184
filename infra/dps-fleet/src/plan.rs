//! Plans: the rows that move devices as an operator asks for it in a sentence.
//!
//! Each plan is a list of row edits. Nothing is written here, and nothing is decided here: what the
//! rows do is what the engine makes of them.

mod drain;
mod error;
mod model;
mod movement;
mod names;
mod pin;
mod rebalance;
mod rows;
mod tenants;

pub use drain::Drain;
pub use error::PlanError;
pub use model::Plan;
pub use movement::Movement;
pub(crate) use names::hub;
pub use pin::Pin;
pub use rebalance::Rebalance;
