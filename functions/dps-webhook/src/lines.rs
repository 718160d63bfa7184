//! Lines on their way to stdout.
//!
//! Where stdout is a pipe or a file, whoever hands in a line also writes it, so that a decision is
//! in the log before it is answered: the Functions host kills without a signal. What would have to
//! wait for a reader is left to a thread, and so are all lines for other outputs. No request waits
//! for a reader: lines that find no room are dropped, counted and told about.

mod direct;
mod waiting;

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::task::yield_now;
use tracing_subscriber::fmt::MakeWriter;

use crate::terminal::Terminal;
use direct::Direct;
use waiting::{Kind, Waiting};

/// Where lines are handed in; clones write to the same place.
#[derive(Clone, Debug)]
pub struct Lines(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// None: the thread is the only one that writes.
    direct: Option<Direct>,
    /// People read the lines, on this.
    terminal: Option<Terminal>,
    thread: OnceLock<Thread>,
    /// Nothing waits any more.
    written: Condvar,
}

/// How long lines wait for each other where only the thread writes, after some were written; the
/// first one after a pause does not wait. To wake the thread for each line takes longer than to
/// answer the request.
const LINGER: Duration = Duration::from_millis(5);

impl Lines {
    /// To the program's stdout.
    ///
    /// # Errors
    /// When stdout is closed, or the system gives no thread.
    pub fn to_stdout() -> io::Result<Self> {
        let stdout = io::stdout();
        let file = File::from(stdout.as_fd().try_clone_to_owned()?);
        let kind = file.metadata()?.file_type();
        if kind.is_fifo() || kind.is_file() {
            Self::to_file(file)
        } else {
            let terminal = stdout.is_terminal().then(|| Terminal::of(&stdout));
            Self::to_writer(stdout, terminal)
        }
    }

    /// To a pipe or a file.
    fn to_file(file: File) -> io::Result<Self> {
        let lines = Self::new(Some(Direct(file)), None);
        lines.start(|shared| {
            if let Some(direct) = &shared.direct {
                direct.wait_until_ready();
                shared.lock().write_some(direct);
            }
        })?;
        Ok(lines)
    }

    /// To whatever takes bytes; only a thread writes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn to(writer: impl Write + Send + 'static) -> io::Result<Self> {
        Self::to_writer(writer, None)
    }

    fn to_writer(
        mut writer: impl Write + Send + 'static,
        terminal: Option<Terminal>,
    ) -> io::Result<Self> {
        let lines = Self::new(None, terminal);
        lines.start(move |shared| {
            let batch = shared.lock().take();
            let written = writer.write_all(&batch).and_then(|()| writer.flush());
            shared.lock().taken_is(written);
            shared.written.notify_all();
            // A flush ends it.
            thread::park_timeout(LINGER);
        })?;
        Ok(lines)
    }

    fn new(direct: Option<Direct>, terminal: Option<Terminal>) -> Self {
        Self(Arc::new(Shared {
            waiting: Mutex::default(),
            direct,
            terminal,
            thread: OnceLock::new(),
            written: Condvar::new(),
        }))
    }

    /// Starts the thread, which works as long as something is left to it, and then sleeps.
    fn start(&self, mut work: impl FnMut(&Shared) + Send + 'static) -> io::Result<()> {
        let shared = Arc::downgrade(&self.0);
        let run = move || {
            loop {
                thread::park();
                // Until the last handle is gone.
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                while shared.lock().is_left() {
                    work(&shared);
                }
                shared.written.notify_all();
            }
        };
        let thread = thread::Builder::new().name("lines".to_owned()).spawn(run)?;
        // There is one thread.
        let _first = self.0.thread.set(thread.thread().clone());
        Ok(())
    }

    /// The terminal that the lines are read on.
    pub(crate) fn terminal(&self) -> Option<Terminal> {
        self.0.terminal
    }

    /// Hands in the line of an event with its end, and writes it unless that is left to the thread;
    /// never waits.
    pub(crate) fn send_event(&self, line: &[u8]) {
        self.send(Kind::Event, line);
    }

    /// The same for the line of a decision, which has room of its own.
    pub(crate) fn send_decision(&self, line: &[u8]) {
        self.send(Kind::Decision, line);
    }

    fn send(&self, kind: Kind, line: &[u8]) {
        let mut waiting = self.0.lock();
        waiting.push(kind, line);
        self.0.write(&mut waiting);
    }

    /// The same for a decision of which the request must know that its line is written: with all
    /// others that are handed in meanwhile, since a write costs a tenth of a request.
    pub(crate) async fn send_decision_with_others(&self, line: &[u8]) {
        {
            let mut waiting = self.0.lock();
            waiting.push(Kind::Decision, line);
            if waiting.is_large() {
                self.0.write(&mut waiting);
            }
        }
        // Also where the request is given up.
        let _at_the_end = WriteAtTheEnd(&self.0);
        // Until the runtime has done all other work that is ready.
        yield_now().await;
    }

    /// Waits until everything handed in so far is written, at most so long.
    pub fn flush(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let mut waiting = self.0.lock();
        self.0.write(&mut waiting);
        self.0.wake();
        while !waiting.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // Nobody reads stdout any more: what it holds up is lost.
                return;
            }
            let woken = self.0.written.wait_timeout(waiting, left);
            (waiting, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct WriteAtTheEnd<'a>(&'a Shared);

impl Drop for WriteAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.write(&mut self.0.lock());
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what can be written without waiting, and leaves the rest to the thread.
    fn write(&self, waiting: &mut Waiting) {
        if let Some(direct) = &self.direct {
            waiting.write_to(direct);
        }
        if waiting.leave_to_thread() {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.wake();
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
        self.send_event(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
