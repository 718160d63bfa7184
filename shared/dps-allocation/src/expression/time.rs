//! Points in time, and the time between two of them.

use jiff::{SignedDuration, Timestamp};

use super::tree::Operator;
use super::value::Val;
use crate::instant::instant;

/// The point in time that a text names, as cells spell it, or that is so many seconds after 1970.
///
/// Seconds beyond the range of years -9999 to 9999 are its end: a certificate that does not expire
/// has `notAfter` 9999-12-31T23:59:59Z (RFC 5280, section 4.1.2.5), 26 hours after the last point.
pub(super) fn timestamp(value: &Val<'_>) -> Option<Timestamp> {
    match value {
        Val::Text(text) => instant(text),
        Val::Int(seconds) => {
            let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
            Timestamp::from_second((*seconds).clamp(first, last)).ok()
        }
        Val::Timestamp(at) => Some(*at),
        _ => None,
    }
}

/// The time that a text spells, such as `720h`, `1h30m` or `-10s`.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    text.parse().ok()
}

/// What a sum or difference of two times is: whether a point in time; none if there is no such one.
pub(super) fn gives(operator: Operator, left_is_point: bool, right_is_point: bool) -> Option<bool> {
    match (operator, left_is_point, right_is_point) {
        (Operator::Add, one, other) if one != other => Some(true),
        (Operator::Subtract, true, false) => Some(true),
        (Operator::Add | Operator::Subtract, false, false) | (Operator::Subtract, true, true) => {
            Some(false)
        }
        _ => None,
    }
}

/// The sum or difference of two times; none beyond their range, and for other values.
pub(super) fn calculate<'a>(
    operator: Operator,
    left: &Val<'_>,
    right: &Val<'_>,
) -> Option<Val<'a>> {
    Some(match (operator, left, right) {
        (Operator::Add, Val::Timestamp(at), Val::Duration(after))
        | (Operator::Add, Val::Duration(after), Val::Timestamp(at)) => {
            Val::Timestamp(at.checked_add(*after).ok()?)
        }
        (Operator::Subtract, Val::Timestamp(at), Val::Duration(before)) => {
            Val::Timestamp(at.checked_sub(*before).ok()?)
        }
        (Operator::Subtract, Val::Timestamp(end), Val::Timestamp(start)) => {
            Val::Duration(end.duration_since(*start))
        }
        (Operator::Add, Val::Duration(one), Val::Duration(other)) => {
            Val::Duration(one.checked_add(*other)?)
        }
        (Operator::Subtract, Val::Duration(one), Val::Duration(other)) => {
            Val::Duration(one.checked_sub(*other)?)
        }
        _ => return None,
    })
}

/// A duration as CEL and JSON write it: seconds, such as `5400s` or `-0.5s`.
pub(super) fn seconds(duration: SignedDuration) -> String {
    let sign = if duration.is_negative() { "-" } else { "" };
    let (whole, nanos) = (
        duration.as_secs().unsigned_abs(),
        duration.subsec_nanos().unsigned_abs(),
    );
    if nanos == 0 {
        return format!("{sign}{whole}s");
    }
    let fraction = format!("{nanos:09}");
    format!("{sign}{whole}.{}s", fraction.trim_end_matches('0'))
}
