//! Lines that are not written yet.

use std::io::{self, Write as _};

use jiff::Timestamp;

use super::direct::Direct;

/// What waits, and who writes it.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    batch: Batch,
    /// What the thread is writing.
    taken: Option<Batch>,
    /// Lines that are lost, and not told about yet.
    dropped: u64,
    /// The thread writes; nobody else may.
    is_left_to_thread: bool,
    /// Stderr knows that stdout cannot be written.
    is_said: bool,
}

#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    /// Lines of events and decisions in it.
    lines: u64,
    /// Notices in it, and the lines that they tell of.
    notices: u64,
    told: u64,
}

/// Lines that wait at most, 1 to 3 KiB each: a minute of all that DPS sends.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
const QUEUE: u64 = 1000;

/// Bytes that are worth a write of their own, and that are kept for the next batch.
const BATCH: usize = 64 * 1024;

impl Waiting {
    pub(super) fn push(&mut self, line: &[u8]) {
        if self.batch.lines >= QUEUE {
            self.dropped += 1;
            return;
        }
        self.tell();
        self.batch.bytes.extend_from_slice(line);
        self.batch.lines += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batch.bytes.is_empty() && self.taken.is_none()
    }

    /// Whether it is time to write although more may come.
    pub(super) fn is_large(&self) -> bool {
        self.batch.bytes.len() >= BATCH
    }

    /// Writes what the output takes without waiting, unless the thread does.
    pub(super) fn write_to(&mut self, direct: &Direct) {
        if !self.is_left_to_thread {
            self.write_some(direct);
        }
    }

    /// The same for the thread.
    pub(super) fn write_some(&mut self, direct: &Direct) {
        match direct.write(&self.batch.bytes) {
            Ok(count) if count < self.batch.bytes.len() => self.batch.skip(count),
            Ok(_all) => self.batch.clear(),
            Err(error) => {
                self.dropped += self.batch.lost();
                self.say(&error);
                self.batch.clear();
                return;
            }
        }
        if self.batch.bytes.is_empty() && self.tell() {
            self.write_some(direct);
        }
    }

    /// Takes everything, for the thread to write it.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.tell();
        let mut batch = std::mem::take(&mut self.batch);
        let bytes = std::mem::take(&mut batch.bytes);
        self.taken = Some(batch);
        bytes
    }

    /// What was taken is written, or is lost.
    pub(super) fn taken_is(&mut self, written: io::Result<()>) {
        let taken = self.taken.take();
        if let Err(error) = written {
            self.dropped += taken.map_or(0, |lost| lost.lost());
            self.say(&error);
        }
    }

    /// Says on stderr, once, that stdout cannot be written: the notice may never be.
    fn say(&mut self, error: &io::Error) {
        if !self.is_said {
            self.is_said = true;
            // Nobody is left to tell when stderr is closed as well.
            let _closed = writeln!(
                io::stderr(),
                "the log cannot be written to stdout: {error}; lines are lost, and counted in a \
                 notice as soon as it can be written again"
            );
        }
    }

    /// Whether the thread must be woken: something waits, and the thread does nothing yet.
    pub(super) fn leave_to_thread(&mut self) -> bool {
        let leave = !self.is_empty() && !self.is_left_to_thread;
        self.is_left_to_thread |= leave;
        leave
    }

    /// Whether the thread has something to do; if not, others may write again.
    pub(super) fn is_left(&mut self) -> bool {
        self.is_left_to_thread = !self.batch.bytes.is_empty();
        self.is_left_to_thread
    }

    /// Adds a notice of what was dropped.
    fn tell(&mut self) -> bool {
        let dropped = std::mem::take(&mut self.dropped);
        if dropped == 0 {
            return false;
        }
        let now = Timestamp::now();
        let notice = format!(
            "{{\"log\":\"dropped\",\"time\":\"{now}\",\"lines\":{dropped},\
             \"because\":\"stdout was not read fast enough, or cannot be written\"}}\n"
        );
        self.batch.bytes.extend_from_slice(notice.as_bytes());
        self.batch.notices += 1;
        self.batch.told += dropped;
        true
    }
}

impl Batch {
    /// Forgets the first bytes, which are written.
    fn skip(&mut self, count: usize) {
        self.bytes.drain(..count);
        let ends = self.bytes.split(|byte| *byte == b'\n').skip(1).count();
        // A notice stands behind what waited when lines were dropped.
        let ends = u64::try_from(ends).unwrap_or(u64::MAX);
        self.lines = ends.saturating_sub(self.notices);
    }

    fn clear(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        bytes.shrink_to(BATCH);
        *self = Self {
            bytes,
            ..Self::default()
        };
    }

    /// How many lines are lost with it.
    fn lost(&self) -> u64 {
        self.lines + self.told
    }
}
