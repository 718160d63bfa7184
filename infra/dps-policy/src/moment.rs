//! Moments on the command line.

use jiff::Timestamp;

/// Reads a time as tables do.
///
/// # Errors
/// When it is none; says how to write one.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    let time = dps_allocation::instant(text);
    time.ok_or_else(|| "it is not a time such as 2026-12-01 or 2026-12-01T08:00Z".to_owned())
}
