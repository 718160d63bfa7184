//! Where a device or a hub is, and how far two places are from each other.

mod coordinates;
mod place;
mod regions;

pub use place::{Place, estimate_ms};

pub(crate) use coordinates::{coordinates, looks_swapped};
