//! What a plan is.

use jiff::Timestamp;

use crate::edit::RowEdit;

/// What a plan writes, and what the operator should know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they are written: each leaves valid tables.
    pub edits: Vec<RowEdit>,
    /// Sentences, without a full stop.
    pub notes: Vec<String>,
    /// When all of it is in force, so that a preview shows all that moves.
    pub ends: Timestamp,
}
