//! Revisions as people read them.

/// As many digits of a revision as people read.
pub(super) fn short(revision: &str) -> String {
    revision.chars().take(12).collect()
}
