//! The rows of the `latency` table, and estimates where nothing was measured.

use std::cell::OnceCell;

use super::hubs::Hub;
use super::key_map::KeyMap;
use super::region::RegionIndex;
use crate::geo::{self, Point};

/// Measured round trips: for each location its regions in order, with milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Latency(KeyMap<Vec<(RegionIndex, u16)>>);

/// A round trip from a device's location to a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RoundTrip {
    pub(crate) ms: u16,
    /// Computed from the distance, not measured.
    pub(crate) is_estimate: bool,
}

/// A device's location: what was measured from there, and where it is.
#[derive(Debug)]
pub(crate) struct Location<'p> {
    text: &'p str,
    measured: &'p [(RegionIndex, u16)],
    /// Parsed for the first hub whose round trip was not measured.
    point: OnceCell<Option<Point>>,
}

impl Latency {
    /// Adds a measurement; each location has one for a region.
    pub(crate) fn add(&mut self, location: &str, region: RegionIndex, ms: u16) {
        let measured = self.0.entry(location.into()).or_default();
        let at = measured.partition_point(|(known, _)| *known < region);
        measured.insert(at, (region, ms));
    }

    /// Whether the location is public: the table or the list of Azure regions names it.
    pub(crate) fn lists(&self, location: &str) -> bool {
        let is_region = || !location.contains(',') && Point::parse(location).is_some();
        self.0.contains_key(location) || is_region()
    }

    /// Looks up a location, which is in canonical form.
    pub(crate) fn location<'p>(&'p self, text: &'p str) -> Location<'p> {
        Location {
            text,
            measured: self.0.get(text).map_or(&[], |measured| measured),
            point: OnceCell::new(),
        }
    }
}

impl Location<'_> {
    /// The round trip to a hub: measured before estimated.
    pub(crate) fn round_trip(&self, hub: &Hub) -> Option<RoundTrip> {
        if let Some(ms) = self.measured(hub.region?) {
            return Some(RoundTrip {
                ms,
                is_estimate: false,
            });
        }
        let point = self.point.get_or_init(|| Point::parse(self.text));
        let ms = geo::estimate_ms(point.as_ref()?, hub.point.as_ref()?);
        Some(RoundTrip {
            ms: u16::try_from(ms).ok()?,
            is_estimate: true,
        })
    }

    fn measured(&self, region: RegionIndex) -> Option<u16> {
        let to = |at: usize| self.measured.get(at);
        // If every region was measured, each one is at its own position.
        let (_, ms) = to(usize::from(region.0))
            .filter(|(it, _)| *it == region)
            .or_else(|| {
                let at = self.measured.binary_search_by_key(&region, |(it, _)| *it);
                to(at.ok()?)
            })?;
        Some(*ms)
    }
}
