//! Rollouts and windows go by the webhook's clock.

use jiff::Timestamp;

use super::finding::Checks;
use crate::webhook::Answer;

/// Seconds: a second of rounding, and as long as a slow answer takes.
const TOLERANCE: i64 = 30;

/// Compares the date of an answer with the clock of this machine.
pub(super) fn check(checks: &mut Checks, answer: &Answer) {
    let Some(date) = answer.date else {
        let help = "a proxy may have removed it; compare the clocks by hand";
        checks.not_checked("clock", "the answer has no date", help);
        return;
    };
    let seconds = Timestamp::now().duration_since(date).as_secs();
    if seconds.abs() <= TOLERANCE {
        checks.good("clock", "as here, to the half minute");
        return;
    }
    let direction = if seconds > 0 { "behind" } else { "ahead of" };
    let detail = format!("{} s {direction} this machine", seconds.abs());
    let help = "correct the clock that is wrong: steps of rollouts begin by that of the webhook, and \
                tokens for the tables are refused when it is off by minutes";
    checks.bad("clock", detail, help);
}
