//! The text that placement and rollouts hash.

use crate::group::Group;

/// The text that is hashed: the registration id, or that of the device's group.
pub(super) enum HashInput<'a> {
    RegistrationId,
    Group(Group<'a>),
    /// A group that no log may hold: the answers that follow from it are recorded.
    WithheldGroup(Group<'a>),
    /// A group that only the request holds: the answers that followed from it were recorded.
    UnknownGroup,
}
