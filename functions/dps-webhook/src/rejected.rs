//! Callers without a key. They are counted and reported in one line per interval, since anybody who
//! reaches the webhook can call any number of times.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dps_telemetry::{Guarded, Telemetry};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::time::sleep;
use tracing::{Level, warn};
use tracing_subscriber::filter::Targets;

use crate::json_line::json_line;
use crate::lines::Lines;

/// All callers that were answered with 401; a clone counts with the others.
#[derive(Clone, Debug)]
pub(crate) struct RejectedCallers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    telemetry: Telemetry,
    /// Where the line is written; `None`: nowhere.
    lines: Option<Lines>,
    tally: Mutex<Tally>,
    /// Whether the next line has to wait for the end of an interval. Changes under the lock of the
    /// tally.
    is_held_back: AtomicBool,
}

/// Callers that no line has reported yet.
#[derive(Debug, Default)]
struct Tally {
    callers: u64,
    /// How many of them asked for `allocate`.
    allocate: u64,
    since: Option<Timestamp>,
}

/// The line, as JSON.
#[derive(Serialize)]
struct Line {
    log: &'static str,
    time: Timestamp,
    since: Timestamp,
    callers: u64,
    allocate: u64,
}

/// Shortest time between two lines. The first one after a quiet interval comes at once.
const INTERVAL: Duration = Duration::from_mins(1);

/// The target in `RUST_LOG` that turns the lines off, as if they were events.
const TARGET: &str = "unauthorized";

impl RejectedCallers {
    /// Whether `targets` enable the lines.
    pub(crate) fn are_logged(targets: &Targets) -> bool {
        targets.would_enable(TARGET, &Level::WARN)
    }

    pub(crate) fn new(telemetry: Telemetry, lines: Option<Lines>) -> Self {
        Self(Arc::new(Shared {
            telemetry,
            lines,
            tally: Mutex::default(),
            is_held_back: AtomicBool::new(false),
        }))
    }

    /// Counts one caller. Panics outside of a Tokio runtime, which awaits the end of the interval.
    pub(crate) fn count(&self, route: Guarded) {
        self.0.telemetry.unauthorized(route);
        let held_back = {
            let mut tally = self.0.tally.lock();
            tally.callers += 1;
            tally.allocate += u64::from(route == Guarded::Allocate);
            tally.since.get_or_insert_with(Timestamp::now);
            self.0.is_held_back.swap(true, Ordering::Relaxed)
        };
        if !held_back {
            self.0.report();
            tokio::spawn(Arc::clone(&self.0).report_each_interval());
        }
    }
}

impl Shared {
    /// Reports once per interval, until one passes without a rejected caller.
    async fn report_each_interval(self: Arc<Self>) {
        loop {
            sleep(INTERVAL).await;
            {
                let tally = self.tally.lock();
                if tally.callers == 0 {
                    self.is_held_back.store(false, Ordering::Relaxed);
                    return;
                }
            }
            self.report();
        }
    }

    /// Writes the line about the callers since the last one.
    fn report(&self) {
        let Tally {
            callers,
            allocate,
            since,
        } = std::mem::take(&mut *self.tally.lock());
        let (Some(lines), Some(since)) = (&self.lines, since) else {
            return;
        };
        if lines.terminal().is_some() {
            warn!(target: TARGET, callers, allocate, %since, "callers rejected: their key is missing or wrong");
            return;
        }
        let report = Line {
            log: TARGET,
            time: Timestamp::now(),
            since,
            callers,
            allocate,
        };
        let mut line = Vec::new();
        match json_line(&report, &mut line) {
            Ok(()) => lines.send_event(&line),
            Err(error) => warn!(%error, "rejected callers cannot be logged"),
        }
    }
}

/// Reports the last callers.
impl Drop for Shared {
    fn drop(&mut self) {
        self.report();
    }
}
