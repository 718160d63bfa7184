//! Whose text the hashes of a decision take.

use crate::group::Group;

/// Whose text is hashed.
pub(super) enum Member<'a> {
    /// The device is in no group: its registration id.
    Alone,
    /// That of the group.
    Of(Group<'a>),
    /// That of the group; no log may hold it, and what follows from it is recorded.
    OfWithheld(Group<'a>),
    /// That of a group that only the request holds: what follows from it was recorded.
    OfUnknown,
}
