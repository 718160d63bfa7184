//! Points in time, as people write them.

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::Offset;

/// Reads ISO 8601: without an offset the time is UTC; a date alone means 00:00 UTC.
#[must_use]
pub fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let civil = text.parse::<civil::DateTime>().ok()?;
    Offset::UTC.to_timestamp(civil).ok()
}
