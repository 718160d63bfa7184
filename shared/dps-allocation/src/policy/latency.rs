//! The `latency` table, and estimates where nothing was measured.

use std::cell::OnceCell;

use super::build::Build;
use crate::hubs::Hub;
use crate::names::{Names, to_u32};
use crate::nearest::did_you_mean;
use crate::region::{self, Place};
use crate::tables::{Column, TableName};

/// Measured round trips, and the places of the hub regions.
#[derive(Debug, Default)]
pub(crate) struct Latency {
    locations: Names,
    /// For each location the end of its range in `measured`.
    ends: Vec<u32>,
    /// `(region, milliseconds)`, in the order of the regions.
    measured: Vec<(u16, u16)>,
    /// Where each hub region is, as far as it is known.
    places: Vec<Option<Place>>,
}

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
    measured: &'p [(u16, u16)],
    /// Read when a hub was not measured.
    place: OnceCell<Option<Place>>,
    places: &'p [Option<Place>],
}

impl Latency {
    /// Whether everybody knows the place: the table or the list of Azure regions names it.
    pub(crate) fn lists(&self, location: &str) -> bool {
        let is_region = || !location.contains(',') && Place::parse(location).is_some();
        self.locations.number(location).is_some() || is_region()
    }

    /// Looks up a location, which is in canonical form.
    pub(crate) fn location<'p>(&'p self, text: &'p str) -> Location<'p> {
        let number = self.locations.number(text).map(|number| number as usize);
        let measured = number.and_then(|number| {
            let start = number
                .checked_sub(1)
                .and_then(|before| self.ends.get(before));
            let range = start.copied().unwrap_or(0) as usize..*self.ends.get(number)? as usize;
            self.measured.get(range)
        });
        let measured = measured.unwrap_or_default();
        Location {
            text,
            measured,
            place: OnceCell::new(),
            places: &self.places,
        }
    }
}

impl Location<'_> {
    /// The round trip to a hub: measured before estimated.
    pub(crate) fn round_trip(&self, hub: &Hub) -> Option<RoundTrip> {
        let region = hub.region?;
        if let Ok(at) = self
            .measured
            .binary_search_by_key(&region, |(region, _)| *region)
        {
            let (_, ms) = self.measured.get(at)?;
            return Some(RoundTrip {
                ms: *ms,
                is_estimate: false,
            });
        }
        let hub_place = self.places.get(usize::from(region))?.as_ref()?;
        let place = self.place.get_or_init(|| Place::parse(self.text));
        let ms = region::estimate_ms(place.as_ref()?, hub_place);
        Some(RoundTrip {
            ms: u16::try_from(ms).ok()?,
            is_estimate: true,
        })
    }
}

pub(super) fn build(build: &mut Build<'_>) -> Latency {
    let mut latency = Latency {
        places: build.regions.iter().map(Place::parse).collect(),
        ..Latency::default()
    };
    for row in build.rows.rows(TableName::Latency) {
        let Some(ms) = row.get(Column::Milliseconds).and_then(|ms| ms.parse().ok()) else {
            let help = "write the measured round trip, or remove the row";
            build.missing(&row, Column::Milliseconds, "there is no latency", help);
            continue;
        };
        let region = build
            .regions
            .number(row.key())
            .and_then(|region| u16::try_from(region).ok());
        let Some(region) = region else {
            if build.may_hide(TableName::Hubs, Column::Region) {
                continue;
            }
            let rule = format!("no hub is in the region `{}`", row.key());
            let meant = did_you_mean(row.key(), build.regions.iter());
            let help = format!("{meant}correct the region, or remove the row");
            let finding = row.place().warning(Column::RowKey.as_str(), rule, &help);
            build.findings.push(finding);
            continue;
        };
        // Rows come sorted by location, so a location's range is one piece.
        let location = latency.locations.add(row.partition()) as usize;
        latency
            .ends
            .resize(location + 1, to_u32(latency.measured.len()));
        latency.measured.push((region, ms));
        if let Some(end) = latency.ends.get_mut(location) {
            *end += 1;
        }
    }
    latency.sort();
    latency
}

impl Latency {
    fn sort(&mut self) {
        let mut start = 0;
        for end in &self.ends {
            let end = *end as usize;
            self.measured
                .get_mut(start..end)
                .unwrap_or_default()
                .sort_unstable();
            start = end;
        }
        self.locations.shrink();
        self.measured.shrink_to_fit();
    }
}
