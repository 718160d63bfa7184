//! How often devices register, as a log says.

use std::num::NonZeroUsize;

use dps_allocation::DecisionRecord;
use jiff::SignedDuration;
use serde::Serialize;

use super::pace::{Pace, SHORTEST};
use super::sample::{Sample, Times};
use crate::fleet::{self, Batch, FleetError, Watch};

/// Shares of the devices that are told apart.
const SHARES: usize = 10;

/// How often devices register, as a log says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// Registrations of devices that got a hub.
    pub registrations: u64,
    /// Devices, about; all up to 65,536.
    pub devices: u64,
    /// Whether there are more, so that their number is an estimate.
    #[serde(skip)]
    pub is_estimate: bool,
    /// Those of them that registered once; they are taken to register once in the time of the log.
    pub once: u64,
    /// From the first registration to the last one.
    pub log_seconds: i64,
    #[serde(skip)]
    pace: Pace,
}

impl Measured {
    /// The times between registrations, of a tenth of the devices each.
    #[must_use]
    pub fn pace(&self) -> &Pace {
        &self.pace
    }
}

/// What was read of a log.
#[derive(Clone, Debug)]
pub struct Measurement {
    /// `None` if no device registers twice.
    pub measured: Option<Measured>,
    /// Whether the log was not read to its end.
    pub interrupted: bool,
}

/// What one thread has read.
#[derive(Default)]
struct Count {
    registrations: u64,
    sample: Sample,
}

/// Reads how often devices register from lines of the decision log.
pub fn measure(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    threads: NonZeroUsize,
    watch: &Watch,
) -> (Measurement, Option<FleetError>) {
    let add = |count: &mut Count, _order, record: &DecisionRecord<'_>| {
        if let (Some(_), Some(id)) = (&record.hub, &record.registration_id) {
            count.registrations += 1;
            count.sample.add(id, record.time);
        }
        Ok(())
    };
    let merge = |all: &mut Count, more: Count| {
        all.registrations += more.registrations;
        all.sample.merge(more.sample);
    };
    let (all, broken) = fleet::count_decisions(batches, threads, watch, add, merge);
    let found = Measurement {
        measured: all.counted.measured(),
        interrupted: all.interrupted,
    };
    (found, broken)
}

impl Count {
    fn measured(&self) -> Option<Measured> {
        let devices: Vec<Times> = self.sample.times().collect();
        let first = devices.iter().map(|it| it.first).min()?;
        let last = devices.iter().map(|it| it.last).max()?;
        let log = last.duration_since(first);
        let once = devices.iter().filter(|it| it.count == 1).count();
        if once == devices.len() {
            return None;
        }
        let mut lengths: Vec<SignedDuration> = devices
            .iter()
            .map(|it| match i32::try_from(it.count) {
                Ok(1) => log,
                Ok(count) => it.last.duration_since(it.first) / (count - 1),
                Err(_more) => SHORTEST,
            })
            .map(|length| length.max(SHORTEST))
            .collect();
        lengths.sort_unstable();
        // The middle of each tenth.
        let middle = |share| lengths.get((2 * share + 1) * lengths.len() / (2 * SHARES));
        let shares = (0..SHARES).filter_map(middle).copied();
        let all = self.sample.about();
        let once = once as u64 * all / devices.len() as u64;
        Some(Measured {
            registrations: self.registrations,
            devices: all,
            is_estimate: all > devices.len() as u64,
            once,
            log_seconds: log.as_secs(),
            pace: Pace::of(shares.collect()),
        })
    }
}
