//! When the webhook is called again.

use std::time::Duration;

/// How often it is called again.
const COUNT: u32 = 10;

/// Before it is called again for the first time.
const FIRST: Duration = Duration::from_secs(1);

/// How much longer each time.
const MORE: Duration = Duration::from_secs(9);

/// The waits before each further call: 1 s, 10 s, and so on up to 82 s, 415 s in all.
///
/// Source: the table "Troubleshooting" of `tutorial-custom-allocation-policies.md` (count, interval, increment); that
/// the waits follow from it like this is inferred.
pub(crate) fn waits() -> impl Iterator<Item = Duration> {
    (0..COUNT).map(|n| FIRST + MORE * n)
}
