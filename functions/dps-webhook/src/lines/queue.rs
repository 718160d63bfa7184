//! Lines that wait for the thread that writes them.

use std::io::Write;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder};

use super::output::{Output, Progress};

/// Lines of one kind; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    sender: Arc<Mutex<Sender>>,
    progress: Arc<Progress>,
}

#[derive(Debug)]
struct Sender {
    appender: NonBlocking,
    /// How many lines were sent.
    sent: u64,
}

/// How many lines may wait, 1 to 3 KiB each: the decisions of a minute at the rate limit of DPS.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
const CAPACITY: usize = 1000;

impl Queue {
    pub(super) fn to<W: Write + Send + 'static>(writer: Arc<Mutex<W>>) -> Self {
        let progress = Arc::new(Progress::default());
        let (appender, guard) = NonBlockingBuilder::default()
            .buffered_lines_limit(CAPACITY)
            .thread_name("lines")
            .finish(Output::new(writer, Arc::clone(&progress)));
        progress.count_drops_of(appender.error_counter());
        // At its end it would wait more than a second for a reader; `Lines::flush` waits instead.
        mem::forget(guard);
        Self {
            sender: Arc::new(Mutex::new(Sender { appender, sent: 0 })),
            progress,
        }
    }

    pub(super) fn send(&self, line: &[u8]) {
        let mut sender = self.sender.lock();
        sender.sent += 1;
        // What finds no room is counted.
        let _infallible = sender.appender.write_all(line);
    }

    /// Whether every line that found room is written.
    pub(super) fn is_written(&self) -> bool {
        self.progress.has_come_to(self.accepted())
    }

    /// Waits until the lines that were sent so far are written, for at most `patience`.
    pub(super) fn wait(&self, patience: Duration) {
        self.progress.wait(self.accepted(), patience);
    }

    /// How many lines have found room.
    fn accepted(&self) -> u64 {
        let sender = self.sender.lock();
        sender.sent.saturating_sub(self.progress.dropped())
    }
}
