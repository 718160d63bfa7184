//! Plans: the rows that move devices as an operator asks for it in a sentence.
//!
//! Each plan is a list of row edits. Nothing is written here, and nothing is decided here: what the
//! rows do is what the engine makes of them.

mod drain;
mod error;
mod movement;
mod names;
mod pin;
mod rebalance;
mod tenants;

use crate::edit::RowEdit;

pub use drain::Drain;
pub use error::PlanError;
pub use movement::Movement;
pub(crate) use names::hub;
pub use pin::Pin;
pub use rebalance::Rebalance;

/// What a plan writes, and what the operator should know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they are written: each leaves valid tables.
    pub edits: Vec<RowEdit>,
    /// Sentences, without a full stop.
    pub notes: Vec<String>,
}
