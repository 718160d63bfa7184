//! What a simulation answers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::calendar::Calendar;
use super::load::Load;
use crate::fleet::LineFault;
use crate::preview::{Side, TablesAt};

/// How many devices each hub has over time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Simulation {
    /// The tables, at the first moment.
    pub tables: TablesAt,
    /// Whether the fleet was not read to its end.
    pub interrupted: bool,
    /// Devices of the fleet, each counted once.
    pub devices: u64,
    /// Devices about which the tables ask what the fleet does not hold; they are followed no
    /// further.
    pub undecidable: u64,
    /// What that is, with how many devices.
    pub undecided: Vec<(String, u64)>,
    /// Lines that are not devices.
    pub faults: u64,
    /// The first of them.
    pub first_fault: Option<LineFault>,
    /// Lines whose ids came before.
    pub repeated: u64,
    /// In order; nobody registers at the first one.
    pub moments: Vec<Moment>,
    /// In the order of host names; hubs that never have a device are left out.
    pub hubs: Vec<HubOverTime>,
}

/// What happens at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Devices that get another hub, or their first one.
    pub moved: u64,
    /// Devices that are refused; they stay where they are.
    pub refused: u64,
}

/// How many devices a hub has over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HubOverTime {
    /// The classic host name.
    pub hub: String,
    /// At each moment.
    pub devices: Vec<u64>,
    /// From this moment on it has no device; `None` if it has some at the end.
    pub empty_from: Option<Timestamp>,
    /// How many devices it may have, if that was given.
    pub capacity: Option<u64>,
    /// The first moment at which it has as many devices as it may have, or more.
    pub full_from: Option<Timestamp>,
}

impl HubOverTime {
    /// The most devices that it has at a moment.
    #[must_use]
    pub fn most(&self) -> u64 {
        self.devices.iter().copied().max().unwrap_or(0)
    }

    /// Whether it has more devices than it may have.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.capacity.is_some_and(|capacity| self.most() > capacity)
    }
}

impl Simulation {
    /// How many times a device gets another hub, or its first one.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.moments.iter().map(|it| it.moved).sum()
    }

    /// How many times a device is refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.moments.iter().map(|it| it.refused).sum()
    }

    pub(super) fn new(side: &Side<'_>, calendar: &Calendar, load: Load, interrupted: bool) -> Self {
        let moments = calendar.moments();
        let hubs = load.over_time(moments.len()).map(|(hub, devices)| {
            let last = devices.iter().rposition(|count| *count > 0);
            let empty = last.map_or(0, |last| last + 1);
            HubOverTime {
                hub: hub.to_owned(),
                empty_from: moments.get(empty).copied(),
                devices,
                capacity: None,
                full_from: None,
            }
        });
        let hubs = hubs.collect();
        let of = |counts: &BTreeMap<usize, u64>, moment| counts.get(&moment).copied().unwrap_or(0);
        let moments = moments.iter().enumerate().map(|(number, at)| Moment {
            at: *at,
            moved: of(&load.moves, number),
            refused: of(&load.refused, number),
        });
        Self {
            tables: side.tables_at(),
            interrupted,
            devices: load.devices,
            undecidable: load.undecidable,
            moments: moments.collect(),
            hubs,
            undecided: load.undecided.into_iter().collect(),
            faults: load.faults.count,
            first_fault: load.faults.first().into_iter().next(),
            repeated: load.repeated,
        }
    }
}
