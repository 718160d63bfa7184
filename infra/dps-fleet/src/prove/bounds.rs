//! How much is tried before a claim counts as undecided.

/// More ways to answer what decisions ask than any class should have.
pub(super) const MAX_LEAVES: usize = 4096;

/// Most combinations of what devices send that are tried.
pub(super) const MAX_SENT: usize = 150;
