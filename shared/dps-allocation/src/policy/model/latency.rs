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
        let region = hub.region?;
        let measured = self.measured.binary_search_by_key(&region, |(it, _)| *it);
        if let Some((_, ms)) = measured.ok().and_then(|at| self.measured.get(at)) {
            return Some(RoundTrip {
                ms: *ms,
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
}
