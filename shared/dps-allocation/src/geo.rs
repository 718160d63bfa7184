//! Where a device or a hub is, and how far two points are from each other.

mod coordinates;
mod point;
mod regions;

pub use point::{Point, estimate_ms};

pub(crate) use coordinates::{coordinates, looks_swapped};

/// A location as tables hold it: without spaces, in lower case.
pub(crate) fn canonical(location: &str) -> String {
    let letters = location.chars().filter(|c| !c.is_whitespace());
    letters.map(|c| c.to_ascii_lowercase()).collect()
}
