//! What time it is, and waiting: as it is, or faster for tests.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// The time that tokens, certificates, limits and retries go by.
///
/// Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Run>);

#[derive(Debug)]
struct Run {
    begin: Timestamp,
    started: Instant,
    speed: NonZeroU32,
}

impl Clock {
    /// The time of the system, at its own pace.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Timestamp::now(), NonZeroU32::MIN)
    }

    /// Starts at `begin` and runs `speed` times as fast as the time of the system.
    #[must_use]
    pub fn new(begin: Timestamp, speed: NonZeroU32) -> Self {
        Self(Arc::new(Run {
            begin,
            started: Instant::now(),
            speed,
        }))
    }

    /// The time now; the last that can be written, if it runs past that.
    pub(crate) fn now(&self) -> Timestamp {
        let elapsed = self.0.started.elapsed().saturating_mul(self.0.speed.get());
        let elapsed = SignedDuration::try_from(elapsed).unwrap_or(SignedDuration::MAX);
        self.0
            .begin
            .saturating_add(elapsed)
            .unwrap_or(Timestamp::MAX)
    }

    /// Waits until this time; for ever without one.
    pub(crate) async fn sleep_until(&self, time: Option<Timestamp>) {
        let Some(time) = time else {
            return std::future::pending().await;
        };
        while let Ok(left) = Duration::try_from(time.duration_since(self.now()))
            && !left.is_zero()
        {
            self.sleep(left).await;
        }
    }

    /// Waits until so much time has passed on this clock.
    pub(crate) async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time / self.0.speed.get()).await;
    }
}

/// As DPS writes a time: RFC 3339 with seven digits of a second.
pub(crate) fn written(time: Timestamp) -> String {
    format!("{time:.7}")
}
