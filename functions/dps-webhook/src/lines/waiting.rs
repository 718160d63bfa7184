//! Lines that are not written yet.

use std::collections::VecDeque;
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

/// What a line is about; each kind has room of its own, so that events never crowd out decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of the decision log.
    Decision,
    /// Anything else that somebody hands in.
    Event,
    /// That lines were dropped.
    Notice,
}

#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    /// The lines in it, in order; of the first one a part may be written.
    kinds: VecDeque<Kind>,
    decisions: usize,
    events: usize,
    /// Lines that notices in it tell of.
    told: u64,
}

/// Lines of a kind that wait at most, 1 to 3 KiB each: of decisions a minute of all that DPS sends.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
const QUEUE: usize = 1000;

/// Bytes that are worth a write of their own, and that are kept for the next batch.
const BATCH: usize = 64 * 1024;

impl Waiting {
    pub(super) fn push(&mut self, kind: Kind, line: &[u8]) {
        if !self.batch.has_room(kind) {
            self.dropped += 1;
            return;
        }
        self.tell();
        self.batch.push(kind, line);
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
        self.batch.push(Kind::Notice, notice.as_bytes());
        self.batch.told += dropped;
        true
    }
}

impl Batch {
    fn has_room(&self, kind: Kind) -> bool {
        match kind {
            Kind::Decision => self.decisions < QUEUE,
            Kind::Event => self.events < QUEUE,
            // There is one at most for each line that was let in.
            Kind::Notice => true,
        }
    }

    fn push(&mut self, kind: Kind, line: &[u8]) {
        self.bytes.extend_from_slice(line);
        self.kinds.push_back(kind);
        match kind {
            Kind::Decision => self.decisions += 1,
            Kind::Event => self.events += 1,
            Kind::Notice => {}
        }
    }

    /// Forgets the first bytes, which are written.
    fn skip(&mut self, count: usize) {
        let written = self.bytes.drain(..count);
        let ends = written.filter(|byte| *byte == b'\n').count();
        for kind in self.kinds.drain(..ends.min(self.kinds.len())) {
            match kind {
                Kind::Decision => self.decisions -= 1,
                Kind::Event => self.events -= 1,
                Kind::Notice => {}
            }
        }
    }

    fn clear(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        bytes.shrink_to(BATCH);
        let mut kinds = std::mem::take(&mut self.kinds);
        kinds.clear();
        *self = Self {
            bytes,
            kinds,
            ..Self::default()
        };
    }

    /// How many lines are lost with it.
    fn lost(&self) -> u64 {
        u64::try_from(self.decisions + self.events).unwrap_or(u64::MAX) + self.told
    }
}
