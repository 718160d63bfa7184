//! Spans on their way to one destination.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tokio::time::timeout;

use crate::progress::Progress;

/// Holds what has not been sent yet; a full one drops.
///
/// Of its own instead of the SDK's batch processor: that one does not tell whether there is room
/// before a span is made, nor how many it has dropped, and cannot be flushed within a given time.
#[derive(Debug, Default)]
pub(crate) struct SpanQueue {
    waiting: Mutex<Waiting>,
    progress: Progress,
}

#[derive(Debug, Default)]
struct Waiting {
    spans: VecDeque<SpanData>,
    /// Number of the last one that came.
    last: u64,
}

/// Spans that wait, about 1.5 KiB each: at DPS's 17 registrations a second, two minutes of an outage.
const QUEUE: usize = 2048;

/// Of them, spans of devices that were assigned: what has failed or was refused finds room too.
const ASSIGNED: usize = 1536;

/// Spans in one request; the specification's default.
pub(crate) const BATCH: usize = 512;

/// Half a second: the Functions host may kill without a warning, and people wait for their trace.
const FLUSH_EVERY: Duration = Duration::from_millis(500);

impl SpanQueue {
    /// Whether there is room for the span of a device that was assigned.
    pub(crate) fn has_room(&self) -> bool {
        self.lock().spans.len() < ASSIGNED
    }

    /// Puts the span in; false: it was dropped.
    pub(crate) fn push(&self, span: SpanData) -> bool {
        let mut waiting = self.lock();
        if waiting.spans.len() >= QUEUE {
            return false;
        }
        waiting.spans.push_back(span);
        waiting.last += 1;
        let count = waiting.spans.len();
        drop(waiting);
        // To wake another thread costs more than to make a span.
        if count == 1 || count == BATCH {
            self.progress.wake();
        }
        true
    }

    /// Whom to ask for everything that is there now, and its number.
    pub(crate) fn goal(&self) -> (&Progress, u64) {
        (&self.progress, self.lock().last)
    }

    /// Sends batch after batch; an export with its retries takes at most `limit`.
    pub(crate) async fn run(self: Arc<Self>, exporter: impl SpanExporter, limit: Duration) {
        loop {
            while self.count() == 0 {
                self.progress.changed().await;
            }
            let _sooner = timeout(FLUSH_EVERY, self.enough()).await;
            let mut left = self.count();
            while left > 0 {
                let (batch, last) = self.take(left.min(BATCH));
                left = left.saturating_sub(batch.len().max(1));
                let sent = timeout(limit, exporter.export(batch)).await;
                self.progress.reached(last, matches!(sent, Ok(Ok(()))));
            }
        }
    }

    /// Until a batch is full, or somebody waits.
    async fn enough(&self) {
        while self.count() < BATCH && !self.progress.is_wanted() {
            self.progress.changed().await;
        }
    }

    fn count(&self) -> usize {
        self.lock().spans.len()
    }

    /// The oldest spans, and the number of the last of them.
    fn take(&self, count: usize) -> (Vec<SpanData>, u64) {
        let mut waiting = self.lock();
        let count = count.min(waiting.spans.len());
        let batch = waiting.spans.drain(..count).collect();
        let left = waiting.spans.len();
        (
            batch,
            waiting.last - u64::try_from(left).unwrap_or_default(),
        )
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
