//! When a request must be answered: one moment for all that it waits for.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// The moment by which a request is answered, passed along from its head to its answer.
///
/// Whatever waits, waits until then at most. What comes after a slow part has less time, and what
/// has no time left is given up at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    begin: Instant,
    length: Duration,
}

impl Deadline {
    /// So long after now, when the head of the request has come in.
    pub(crate) fn after(length: Duration) -> Self {
        let begin = Instant::now();
        Self { begin, length }
    }

    /// The same request's deadline for a part that others come after: half of the whole time.
    pub(crate) fn half(self) -> Self {
        let length = self.length / 2;
        Self { length, ..self }
    }

    /// The time that is left; zero when the deadline has passed.
    pub(crate) fn left(self) -> Duration {
        self.length.saturating_sub(self.begin.elapsed())
    }

    /// Waits for `part` until the deadline; `None` when that is late.
    pub(crate) async fn bound<T>(self, part: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.begin + self.length, part).await.ok()
    }
}
