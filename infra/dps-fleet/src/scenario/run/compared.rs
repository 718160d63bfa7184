//! A decision next to what is expected.

/// What was decided, and how it differs from what is expected.
pub(super) struct Compared {
    /// In words.
    pub(super) decided: String,
    /// Each difference, as a sentence.
    pub(super) differences: Vec<String>,
}
