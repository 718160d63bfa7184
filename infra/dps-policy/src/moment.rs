//! Moments on the command line.

use dps_fleet::rollout;
use jiff::{SignedDuration, Timestamp};

/// Reads a time as tables do.
///
/// # Errors
/// When it is none; says how to write one.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    let time = dps_allocation::instant(text);
    time.ok_or_else(|| "it is not a time such as 2026-12-01 or 2026-12-01T08:00Z".to_owned())
}

/// Reads a length of time as schedules do.
///
/// # Errors
/// When it is not one. The message says how to write one and does not repeat the text, which may
/// hold a key.
pub(crate) fn length(text: &str) -> Result<SignedDuration, &'static str> {
    let length = rollout::length(text);
    length.map_err(|_no_length| "it is not a length of time; write such as 2d, 12h or 30m")
}
