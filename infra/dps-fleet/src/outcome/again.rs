//! A fleet that is decided again.

use dps_allocation::IdKey;

use crate::preview::Pair;

/// A fleet, and by what it is decided again.
#[derive(Clone, Copy, Debug)]
pub struct Again<'a> {
    /// The tables before and after the change.
    pub pair: &'a Pair<'a>,
    /// The key that hides ids in the log.
    pub key: Option<&'a IdKey>,
    /// How many devices there may be.
    pub about: Option<u64>,
}
