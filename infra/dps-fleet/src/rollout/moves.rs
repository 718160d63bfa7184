//! What the decision log says of a rollout.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read as _};

use dps_allocation::{DecisionRecord, HubName};
use jiff::Timestamp;
use serde::Serialize;

use super::status::Status;

/// Devices that came to the `to` hubs of a rollout and left them, as a decision log tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moves {
    /// Devices that the rollout moved to its hubs, by hub.
    pub came: BTreeMap<String, u64>,
    /// Devices that left its hubs, by the hub that they went to; whatever moved them.
    pub left: BTreeMap<String, u64>,
    /// Devices on its hubs that were refused.
    pub refused: u64,
    /// The last decision of the log that counts.
    pub last: Option<Timestamp>,
    /// Lines of decisions that cannot be read.
    pub unreadable: u64,
}

/// What each line of a decision begins with.
const DECISION: &str = "{\"log\":\"decision\"";

/// Longer lines are not decisions.
const MAX_LINE: u64 = 256 * 1024;

impl Moves {
    /// Reads a log, line by line; lines of other kinds do not count.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn read(mut log: impl BufRead, status: &Status) -> io::Result<Self> {
        let mut moves = Self::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            if log.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(moves);
            }
            let text = String::from_utf8_lossy(&line);
            let Some(record) = text.find(DECISION).and_then(|at| text.get(at..)) else {
                continue;
            };
            // A tool may have put something behind it.
            let mut records = serde_json::Deserializer::from_str(record).into_iter();
            match records.next() {
                Some(Ok(record)) => moves.add(&record, status),
                _ => moves.unreadable += 1,
            }
        }
    }

    fn add(&mut self, record: &DecisionRecord<'_>, status: &Status) {
        let to = status.to.as_deref().unwrap_or_default();
        let on = |hub: &str| to.iter().any(|known| HubName::fold(hub) == **known);
        let is_of_tenant =
            status.tenant == "*" || record.tenant.as_deref() == Some(&*status.tenant);
        let by_this = record.rollout.as_deref() == Some(&*status.id);
        let before = record.current_hub.as_deref();
        let folded = |hub: &str| HubName::fold(hub).into_owned();
        if !is_of_tenant {
            return;
        }
        match record.hub.as_deref() {
            Some(hub) if on(hub) && by_this && !before.is_some_and(on) => {
                *self.came.entry(folded(hub)).or_default() += 1;
            }
            Some(hub) if !on(hub) && before.is_some_and(on) => {
                *self.left.entry(folded(hub)).or_default() += 1;
            }
            None if before.is_some_and(on) => self.refused += 1,
            _ => return,
        }
        self.last = self.last.max(Some(record.time));
    }
}
