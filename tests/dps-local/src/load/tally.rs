//! What became of many devices.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::ensure;
use dps_local::OnHub;
use serde_json::{Value, json};

/// A device whose registration has ended.
pub(super) struct Provisioned {
    /// Empty if it got none.
    pub(super) hub: String,
    took: Duration,
    attempts: u32,
}

#[derive(Default)]
pub(super) struct Tally {
    took: Vec<Duration>,
    failed: usize,
    attempts: u32,
    /// By hub: as the devices were told, and as the hubs have counted.
    told: BTreeMap<String, u64>,
    counted: BTreeMap<String, u64>,
    /// Open as long as this is.
    connections: Vec<OnHub>,
}

impl Provisioned {
    pub(super) fn new(answer: &Value, took: Duration, attempts: u32) -> Self {
        let hub = answer.pointer("/registrationState/assignedHub");
        Self {
            hub: hub.and_then(Value::as_str).unwrap_or_default().to_owned(),
            took,
            attempts,
        }
    }
}

impl Tally {
    pub(super) fn add(&mut self, provisioned: Provisioned, on_hub: Option<OnHub>) {
        self.took.push(provisioned.took);
        self.attempts += provisioned.attempts;
        self.connections.extend(on_hub);
        if provisioned.hub.is_empty() {
            self.failed += 1;
        } else {
            *self.told.entry(provisioned.hub).or_default() += 1;
        }
    }

    /// How many devices each hub has more than before.
    pub(super) fn place(&mut self, before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) {
        let more = after.iter().map(|(hub, count)| {
            let before = before.get(hub).copied().unwrap_or_default();
            (hub.clone(), count.saturating_sub(before))
        });
        self.counted = more.filter(|(_, count)| *count > 0).collect();
    }

    pub(super) fn written(&self) -> Value {
        let mut sorted = self.took.clone();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
            sorted.get(index).map_or(0, Duration::as_millis)
        };
        json!({
            "devices": self.took.len(),
            "failed": self.failed,
            "attempts": self.attempts,
            "toldByService": self.told,
            "countedByHubs": self.counted,
            "connected": self.connections.len(),
            // With the time that devices wait as they are told to.
            "milliseconds": { "p50": at(50), "p99": at(99), "longest": at(100) },
        })
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(self.failed == 0, "{} devices got no hub", self.failed);
        ensure!(
            self.told == self.counted,
            "the hubs do not have each device once"
        );
        Ok(())
    }
}
