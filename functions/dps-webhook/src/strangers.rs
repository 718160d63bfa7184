//! Callers without a key: counted, and told about in one line an interval, since anybody who
//! reaches the webhook can call as often as they like.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dps_telemetry::{Guarded, Telemetry};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::sleep;
use tracing::{Level, warn};
use tracing_subscriber::filter::Targets;

use crate::json_line::json_line;
use crate::lines::Lines;

/// All callers that were answered with 401; a clone counts with the others.
#[derive(Clone, Debug)]
pub(crate) struct Strangers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    telemetry: Telemetry,
    /// Where the line is written; none: nowhere.
    lines: Option<Lines>,
    tally: Mutex<Tally>,
}

/// Callers that no line has told about.
#[derive(Debug, Default)]
struct Tally {
    callers: u64,
    /// Those of them that have asked for `allocate`.
    allocate: u64,
    since: Option<Timestamp>,
    /// Whether the next line comes at the end of an interval that has begun.
    is_held_back: bool,
}

/// The line about them, in the order of its members.
#[derive(Serialize)]
struct UnauthorizedLine {
    log: &'static str,
    time: Timestamp,
    since: Timestamp,
    callers: u64,
    allocate: u64,
}

/// How often there is a line at most. The first one after a quiet interval comes at once.
const INTERVAL: Duration = Duration::from_mins(1);

/// The word in `RUST_LOG` that the lines follow, as if they were events.
const TARGET: &str = "unauthorized";

impl Strangers {
    /// Whether `targets` have lines about them.
    pub(crate) fn are_logged(targets: &Targets) -> bool {
        targets.would_enable(TARGET, &Level::WARN)
    }

    pub(crate) fn new(telemetry: Telemetry, lines: Option<Lines>) -> Self {
        Self(Arc::new(Shared {
            telemetry,
            lines,
            tally: Mutex::default(),
        }))
    }

    /// Counts one. Must be called from the runtime, which waits for the end of the interval.
    pub(crate) fn count(&self, route: Guarded) {
        self.0.telemetry.unauthorized(route);
        let held_back = {
            let mut tally = self.0.lock();
            tally.callers += 1;
            tally.allocate += u64::from(route == Guarded::Allocate);
            tally.since.get_or_insert_with(Timestamp::now);
            std::mem::replace(&mut tally.is_held_back, true)
        };
        if !held_back {
            self.0.tell();
            tokio::spawn(Arc::clone(&self.0).tell_each_interval());
        }
    }
}

impl Shared {
    /// Until an interval has passed in which nobody came.
    async fn tell_each_interval(self: Arc<Self>) {
        loop {
            sleep(INTERVAL).await;
            {
                let mut tally = self.lock();
                if tally.callers == 0 {
                    tally.is_held_back = false;
                    return;
                }
            }
            self.tell();
        }
    }

    /// Writes the line about those that were counted since the line before.
    fn tell(&self) {
        let told = {
            let mut tally = self.lock();
            let is_held_back = tally.is_held_back;
            std::mem::replace(
                &mut *tally,
                Tally {
                    is_held_back,
                    ..Tally::default()
                },
            )
        };
        let (Some(lines), Some(since)) = (&self.lines, told.since) else {
            return;
        };
        let Tally {
            callers, allocate, ..
        } = told;
        if lines.terminal().is_some() {
            warn!(target: TARGET, callers, allocate, %since, "callers refused: their key is missing or not good");
            return;
        }
        let line = json_line(&UnauthorizedLine {
            log: "unauthorized",
            time: Timestamp::now(),
            since,
            callers,
            allocate,
        });
        // Times and numbers are always JSON.
        if let Ok(line) = line {
            lines.send_event(&line);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those that were counted last are told about at the end.
impl Drop for Shared {
    fn drop(&mut self) {
        self.tell();
    }
}
