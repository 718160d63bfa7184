//! Lines on their way to stdout.
//!
//! `tracing-appender` hands each line to a thread that writes it. Decisions and all other lines
//! have a queue and a thread of their own, so that events never crowd out decisions. A line that
//! finds no room is dropped, counted and reported: no request waits for a reader.
//!
//! Under a host that kills without a signal a decision is answered after its line is written,
//! unless lines before it still wait: then the reader is behind.

mod output;
mod queue;

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tracing_subscriber::fmt::MakeWriter;

use crate::terminal::Terminal;
use queue::Queue;

/// Where lines are sent; clones write to the same place.
#[derive(Clone, Debug)]
pub struct Lines {
    decisions: Queue,
    others: Queue,
    /// The terminal that people read the lines on, if any.
    terminal: Option<Terminal>,
    written_before_answers: bool,
}

/// Longest time that an answer waits for its line: far more than a write takes, far less than the
/// deadline of a request.
const BEFORE_ANSWER: Duration = Duration::from_millis(250);

impl Lines {
    /// To the program's stdout.
    #[must_use]
    pub fn to_stdout() -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal().then(|| Terminal::of(&stdout));
        Self {
            terminal,
            ..Self::to(stdout)
        }
    }

    /// To any writer.
    #[must_use]
    pub fn to(writer: impl Write + Send + 'static) -> Self {
        let writer = Arc::new(Mutex::new(writer));
        Self {
            decisions: Queue::to(Arc::clone(&writer)),
            others: Queue::to(writer),
            terminal: None,
            written_before_answers: false,
        }
    }

    /// Whether an answer waits for its line: a host may kill the process right after it.
    #[must_use]
    pub fn written_before_answers(self, written_before_answers: bool) -> Self {
        Self {
            written_before_answers,
            ..self
        }
    }

    /// The terminal that the lines are read on.
    pub(crate) fn terminal(&self) -> Option<Terminal> {
        self.terminal
    }

    /// Sends the line of an event, which ends with a line break.
    pub(crate) fn send_event(&self, line: &[u8]) {
        self.others.send(line);
    }

    /// Sends the line of a decision. When this returns, the request may be answered.
    pub(crate) fn send_decision(&self, line: &[u8]) {
        let wait = self.written_before_answers && self.decisions.is_written();
        self.decisions.send(line);
        if wait {
            self.decisions.wait(BEFORE_ANSWER);
        }
    }

    /// Waits until the lines that were sent so far are written, for at most `patience`.
    pub fn flush(&self, patience: Duration) {
        let begin = Instant::now();
        self.decisions.wait(patience);
        self.others.wait(patience.saturating_sub(begin.elapsed()));
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// The subscriber writes each event with one call, including its line break.
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
