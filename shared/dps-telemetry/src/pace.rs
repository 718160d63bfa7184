//! How many spans of devices that were assigned are made.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lets the first ones of each second through.
///
/// To encode and send a span costs half as much as to answer its request. Nobody reads so many
/// that are all the same.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    began: Option<Instant>,
    admitted: u32,
}

/// 60 times what DPS sends in a second by default, and two batches.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
pub(crate) const MOST_IN_A_SECOND: u32 = 1000;

const SECOND: Duration = Duration::from_secs(1);

impl Pace {
    /// Whether one more may be made now.
    pub(crate) fn admits(&self, now: Instant) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |began| now.saturating_duration_since(began) >= SECOND;
        if window.began.is_none_or(is_over) {
            *window = Window {
                began: Some(now),
                admitted: 0,
            };
        }
        let admitted = window.admitted < MOST_IN_A_SECOND;
        window.admitted += u32::from(admitted);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_has_its_share() {
        let (pace, start) = (Pace::default(), Instant::now());
        let count = |milliseconds| {
            let now = start + Duration::from_millis(milliseconds);
            (0..5000).filter(|_| pace.admits(now)).count()
        };
        assert_eq!(
            [0, 999, 1000, 1001, 60_000].map(count),
            [1000, 0, 1000, 0, 1000]
        );
    }
}
