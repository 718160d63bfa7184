//! What cannot be decided, and why.

use serde::Serialize;

/// A row that a claim hangs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unknown {
    /// The row and its column, or what is read.
    pub place: String,
    /// Why it cannot be decided.
    pub why: String,
}
