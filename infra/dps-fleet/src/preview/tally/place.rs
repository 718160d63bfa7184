//! Where a device is, or why it is nowhere.

use dps_allocation::RefusedReason;

/// Where a device is, or why it is nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    /// The number of a hub.
    Hub(u32),
    /// The reason of a refusal.
    Reason(RefusedReason),
}
