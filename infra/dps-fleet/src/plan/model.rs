//! What a plan is.

use crate::edit::RowEdit;

/// What a plan writes, and what the operator should know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they are written: each leaves valid tables.
    pub edits: Vec<RowEdit>,
    /// Sentences, without a full stop.
    pub notes: Vec<String>,
}
