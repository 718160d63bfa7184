//! Where a device or a hub is, and how far two points are from each other.

mod coordinates;
mod point;
mod regions;

pub use point::{Point, estimate_ms};

pub(crate) use coordinates::{coordinates, looks_swapped};
