//! Log of the host: its own events and the handler's lines.
//!
//! Section 2 of the reference (stdout/stderr). Debug and trace events are left out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tokio::sync::watch;

/// Category of the handler's own lines (`WorkerConstants.ConsoleLogCategoryName`).
pub const CONSOLE: &str = "Host.Function.Console";

/// Category of what the host says while it starts.
pub(crate) const STARTUP: &str = "Host.Startup";

/// How serious a line is.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Level {
    /// Normal course of things; every line the handler writes to stdout.
    Information,
    /// Worth a look; a line on stderr that says `warn`.
    Warning,
    /// Something failed; any other line on stderr.
    Error,
}

/// One event.
#[derive(Debug, Clone)]
pub struct Line {
    /// When the host took it.
    pub time: SystemTime,
    /// How serious it is.
    pub level: Level,
    /// Where it comes from, such as [`CONSOLE`] or `Function.allocate`.
    pub category: String,
    /// The text, without a line end.
    pub message: String,
}

/// Everything logged since the host started; clones share it.
#[derive(Debug, Clone)]
pub struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    lines: Mutex<Vec<Line>>,
    count: watch::Sender<usize>,
}

impl Log {
    pub(crate) fn new() -> Self {
        let count = watch::channel(0).0;
        Self(Arc::new(Shared {
            lines: Mutex::default(),
            count,
        }))
    }

    /// Lines so far, oldest first.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        self.0
            .lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits for the line with this number, counted from 0.
    pub async fn line(&self, number: usize) -> Line {
        let mut count = self.0.count.subscribe();
        loop {
            if let Some(line) = self.get(number) {
                return line;
            }
            // The sender lives in `self`, so this cannot fail.
            let _ = count.changed().await;
        }
    }

    /// Waits for the first line, old or new, of which `wanted` is true.
    pub async fn wait_for(&self, wanted: impl Fn(&Line) -> bool) -> Line {
        let mut number = 0;
        loop {
            let line = self.line(number).await;
            if wanted(&line) {
                return line;
            }
            number += 1;
        }
    }

    fn get(&self, number: usize) -> Option<Line> {
        self.0
            .lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(number)
            .cloned()
    }

    pub(crate) fn information(&self, category: &str, message: impl Into<String>) {
        self.add(Level::Information, category, message.into());
    }

    pub(crate) fn warning(&self, category: &str, message: impl Into<String>) {
        self.add(Level::Warning, category, message.into());
    }

    pub(crate) fn error(&self, category: &str, message: impl Into<String>) {
        self.add(Level::Error, category, message.into());
    }

    pub(crate) fn add(&self, level: Level, category: &str, message: String) {
        let line = Line {
            time: SystemTime::now(),
            level,
            category: category.to_owned(),
            message,
        };
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
        self.0.count.send_replace(lines.len());
    }
}
