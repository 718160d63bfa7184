//! Regions of the hubs.

/// A region of the hubs, in the order in which their rows name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RegionIndex(pub(crate) u16);
