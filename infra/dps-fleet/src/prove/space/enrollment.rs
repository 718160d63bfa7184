//! One enrollment.

/// An enrollment that stands for its kind.
#[derive(Clone, Debug)]
pub(crate) struct Enrollment {
    /// The key of its row.
    pub(crate) row: String,
    /// The id of the group, or the pattern of individual enrollments.
    pub(crate) id: String,
    pub(crate) is_individual: bool,
    /// The ids that have rows of their own, if the row is a pattern.
    pub(super) others: Vec<String>,
    /// The registration ids of the tables that come through it by their own rows.
    pub(super) devices: Vec<String>,
    /// Tenants that a registration id may name.
    pub(super) tenants: Vec<String>,
}

/// Most rows of `devices` that are enumerated.
pub(super) const MAX_DEVICES: usize = 1000;
