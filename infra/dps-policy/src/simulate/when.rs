//! Moments for people.

use jiff::Timestamp;

/// `2026-12-01T05:36`, without the time at midnight.
pub(super) fn date(at: Timestamp) -> String {
    let time = at.to_string();
    let minutes = time.get(..16).unwrap_or(&time);
    minutes.strip_suffix("T00:00").unwrap_or(minutes).to_owned()
}
