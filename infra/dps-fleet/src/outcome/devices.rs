//! Where each device was first and is last, in about 80 bytes per device at most.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;

use crate::flow::{Destination, Route};

/// Most devices that are told apart: as many as the services of one subscription can have, 10 with
/// 1,000,000 registrations each.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
const MOST: usize = 10_000_000;

/// A hash of a registration id, which may be one itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DeviceKey(u64);

impl DeviceKey {
    pub(super) fn of(id: &str) -> Self {
        let mut hash = DefaultHasher::new();
        id.to_ascii_lowercase().hash(&mut hash);
        Self(hash.finish())
    }
}

/// The devices of a log.
#[derive(Debug, Default)]
pub(super) struct Devices {
    tracks: HashMap<DeviceKey, Track>,
    routes: Vec<Route>,
    numbers: HashMap<Route, u32>,
    /// Registrations of devices beyond the most.
    pub(super) untold: u64,
}

/// Of one device; routes by their numbers, times in seconds. Of one second the lines count in their
/// order.
#[derive(Clone, Copy, Debug)]
struct Track {
    first: u32,
    last: u32,
    first_at: u32,
    last_at: u32,
}

impl Devices {
    pub(super) fn add(&mut self, device: DeviceKey, at: Timestamp, route: Route) {
        if self.tracks.len() >= MOST && !self.tracks.contains_key(&device) {
            self.untold += 1;
            return;
        }
        let (route, at) = (self.number(route), seconds(at));
        let track = self.tracks.entry(device).or_insert(Track {
            first: route,
            last: route,
            first_at: at,
            last_at: at,
        });
        if at < track.first_at {
            (track.first, track.first_at) = (route, at);
        }
        if at >= track.last_at {
            (track.last, track.last_at) = (route, at);
        }
    }

    /// What the last registration of a device has led to.
    pub(super) fn last(&self, device: DeviceKey) -> Option<&Destination> {
        let track = self.tracks.get(&device)?;
        Some(&self.route(track.last)?.to)
    }

    pub(super) fn len(&self) -> u64 {
        self.tracks.len() as u64
    }

    /// How many devices have gone each way, those that stay too.
    pub(super) fn routes(&self) -> HashMap<Route, u64> {
        let mut ends: HashMap<(u32, u32), u64> = HashMap::new();
        for track in self.tracks.values() {
            *ends.entry((track.first, track.last)).or_default() += 1;
        }
        let mut routes = HashMap::new();
        for ((first, last), devices) in ends {
            if let (Some(first), Some(last)) = (self.route(first), self.route(last)) {
                let whole = Route {
                    from: first.from.clone(),
                    ..last.clone()
                };
                *routes.entry(whole).or_default() += devices;
            }
        }
        routes
    }

    fn route(&self, number: u32) -> Option<&Route> {
        self.routes.get(usize::try_from(number).ok()?)
    }

    fn number(&mut self, route: Route) -> u32 {
        let next = u32::try_from(self.routes.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(route).or_insert_with_key(|route| {
            self.routes.push(route.clone());
            next
        })
    }
}

/// Since 1970.
fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.as_second().max(0)).unwrap_or(u32::MAX)
}
