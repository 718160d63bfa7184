//! What the thread of a queue does: it writes all waiting lines with one call, and reports how many
//! were lost.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::{Condvar, Mutex};
use tracing_appender::non_blocking::ErrorCounter;

/// How many lines the thread has written or given up.
#[derive(Debug, Default)]
pub(super) struct Progress {
    done: Mutex<u64>,
    changed: Condvar,
    drops: OnceLock<ErrorCounter>,
}

/// What a queue writes to.
pub(super) struct Output<W> {
    /// Both queues write to it, whole lines only.
    writer: Arc<Mutex<W>>,
    batch: Vec<u8>,
    /// How many lines are in the batch.
    lines: u64,
    /// Lines that could not be written and that no notice has reported yet.
    lost: u64,
    /// Lines that found no room and that a notice has reported.
    reported: u64,
    /// Whether stderr already says that stdout cannot be written.
    has_complained: bool,
    progress: Arc<Progress>,
}

/// Bytes at which a batch is written although more lines wait.
const BATCH: usize = 64 * 1024;

impl<W: Write> Output<W> {
    pub(super) fn new(writer: Arc<Mutex<W>>, progress: Arc<Progress>) -> Self {
        Self {
            writer,
            batch: Vec::new(),
            lines: 0,
            lost: 0,
            reported: 0,
            has_complained: false,
            progress,
        }
    }

    fn write_batch(&mut self) {
        let dropped = self.progress.dropped();
        let unreported = dropped - self.reported + self.lost;
        if unreported > 0 {
            self.batch.extend_from_slice(notice(unreported).as_bytes());
        }
        let written = {
            let mut writer = self.writer.lock();
            writer.write_all(&self.batch).and_then(|()| writer.flush())
        };
        match written {
            Ok(()) => (self.reported, self.lost) = (dropped, 0),
            Err(error) => {
                self.lost += self.lines;
                self.complain(&error);
            }
        }
        self.batch.clear();
        self.batch.shrink_to(BATCH);
        self.progress.advance(std::mem::take(&mut self.lines));
    }

    /// Says on stderr, once, that stdout cannot be written: a notice there may never be.
    fn complain(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.has_complained, true) {
            // With stderr closed as well, there is nowhere to report it.
            let _closed = writeln!(
                io::stderr(),
                "the log cannot be written to stdout: {error}; lines are lost, and counted in a \
                 notice as soon as it can be written again"
            );
        }
    }
}

fn notice(lines: u64) -> String {
    let now = Timestamp::now();
    format!(
        "{{\"log\":\"dropped\",\"time\":\"{now}\",\"lines\":{lines},\
         \"because\":\"stdout was not read fast enough, or cannot be written\"}}\n"
    )
}

/// One write is one line, and a flush comes when no line waits.
impl<W: Write> Write for Output<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.batch.extend_from_slice(line);
        self.lines += 1;
        if self.batch.len() >= BATCH {
            self.write_batch();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.lines > 0 {
            self.write_batch();
        }
        Ok(())
    }
}

impl Progress {
    pub(super) fn count_drops_of(&self, drops: ErrorCounter) {
        // There is one counter.
        let _first = self.drops.set(drops);
    }

    /// Lines that found no room.
    pub(super) fn dropped(&self) -> u64 {
        let drops = self.drops.get().map_or(0, ErrorCounter::dropped_lines);
        u64::try_from(drops).unwrap_or(u64::MAX)
    }

    pub(super) fn has_come_to(&self, count: u64) -> bool {
        *self.done.lock() >= count
    }

    pub(super) fn wait(&self, count: u64, patience: Duration) {
        let mut done = self.done.lock();
        // A later line finds out whether this one was written.
        let _waited = self
            .changed
            .wait_while_for(&mut done, |done| *done < count, patience);
    }

    fn advance(&self, lines: u64) {
        *self.done.lock() += lines;
        self.changed.notify_all();
    }
}
