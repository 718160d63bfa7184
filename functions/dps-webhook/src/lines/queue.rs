//! Lines that wait for their thread, and how far it has come.

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
    /// How many lines it was given.
    sent: u64,
}

/// Lines that wait at most, 1 to 3 KiB each: of decisions a minute of all that DPS sends.
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

    /// Whether no line waits.
    pub(super) fn is_written(&self) -> bool {
        self.progress.has_come_to(self.accepted())
    }

    /// Waits until every line that was sent so far is written, at most so long.
    pub(super) fn wait(&self, patience: Duration) {
        self.progress.wait(self.accepted(), patience);
    }

    /// How many lines have found room.
    fn accepted(&self) -> u64 {
        let sender = self.sender.lock();
        sender.sent.saturating_sub(self.progress.dropped())
    }
}
