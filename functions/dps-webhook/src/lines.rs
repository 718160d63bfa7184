//! Lines on their way to stdout, written by a thread of their own.
//!
//! Whoever reads stdout may stop reading. A request must not wait for that, so lines go through a
//! bounded queue and are dropped, counted and told about where the reader does not keep up.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tracing_subscriber::fmt::MakeWriter;

/// Where lines are handed in; clones write to the same place.
#[derive(Clone, Debug)]
pub struct Lines {
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
    writer: Thread,
}

enum Message {
    /// A line with its end.
    Line(Vec<u8>),
    /// Everything before it is to be written; then the sender is told.
    Flush(SyncSender<()>),
}

/// Lines that wait at most, 1 to 3 KiB each: a minute of all that DPS sends.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
const QUEUE: usize = 1000;

/// How long lines wait for each other after some were written; the first one after a pause does
/// not wait.
///
/// To wake the thread for each line takes longer than to answer the request. As many as fit into
/// the queue come in this time when 200,000 requests are answered in a second.
const LINGER: Duration = Duration::from_millis(5);

/// Bytes that are written at once at most, so that few calls of the system take a burst.
const BATCH: usize = 64 * 1024;

impl Lines {
    /// Starts the thread that writes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn to(writer: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, lines) = sync_channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let writing = Writing {
            writer,
            dropped: Arc::clone(&dropped),
        };
        let thread = thread::Builder::new()
            .name("lines".to_owned())
            .spawn(move || writing.run(&lines))?;
        Ok(Self {
            queue,
            dropped,
            writer: thread.thread().clone(),
        })
    }

    /// Hands in a line with its end; never waits.
    pub(crate) fn send(&self, line: Vec<u8>) {
        if self.queue.try_send(Message::Line(line)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything handed in so far is written, at most so long.
    pub fn flush(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let (tell, written) = sync_channel(1);
        let mut flush = Message::Flush(tell);
        while let Err(TrySendError::Full(back)) = self.queue.try_send(flush) {
            if deadline < Instant::now() {
                return;
            }
            flush = back;
            thread::sleep(Duration::from_millis(1));
        }
        self.writer.unpark();
        // Nobody reads stdout any more: what it holds up is lost.
        let _blocked = written.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    }
}

/// The thread's side.
struct Writing<W> {
    writer: W,
    dropped: Arc<AtomicU64>,
}

impl<W: Write> Writing<W> {
    /// Until the last [`Lines`] is gone.
    fn run(mut self, lines: &Receiver<Message>) {
        let mut batch = Vec::new();
        while let Ok(first) = lines.recv() {
            self.take(first, &mut batch);
            for message in lines.try_iter() {
                self.take(message, &mut batch);
            }
            self.write(&mut batch);
            // A flush ends it.
            thread::park_timeout(LINGER);
        }
    }

    fn take(&mut self, message: Message, batch: &mut Vec<u8>) {
        match message {
            Message::Line(line) => {
                batch.extend(line);
                if batch.len() >= BATCH {
                    self.write(batch);
                }
            }
            Message::Flush(tell) => {
                self.write(batch);
                // Whoever asked has lost patience.
                let _gone = tell.try_send(());
            }
        }
    }

    fn write(&mut self, batch: &mut Vec<u8>) {
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let now = Timestamp::now();
            let told = format!(
                "{{\"log\":\"dropped\",\"time\":\"{now}\",\"lines\":{dropped},\
                 \"because\":\"stdout was not read fast enough\"}}\n"
            );
            batch.splice(..0, told.into_bytes());
        }
        // Where stdout is closed nobody reads, and nobody can be told.
        let _closed = self
            .writer
            .write_all(batch)
            .and_then(|()| self.writer.flush());
        batch.clear();
        batch.shrink_to(BATCH);
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// The subscriber writes an event at once, with the end of its line.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.send(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
