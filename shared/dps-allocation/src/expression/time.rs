//! Points in time, and durations.

use jiff::{SignedDuration, Timestamp};

use super::kinds::Kinds;
use super::tree::Operator;
use super::value::Val;
use crate::instant::instant;

/// The point in time that a text names, as cells spell it, or that is this many seconds after 1970.
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

/// The duration that a text spells, such as `720h`, `1h30m` or `-10s`.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    text.parse().ok()
}

/// The kind of a time; none for other values.
pub(super) fn kind(value: &Val<'_>) -> Kinds {
    match value {
        Val::Timestamp(_) => Kinds::TIMESTAMP,
        Val::Duration(_) => Kinds::DURATION,
        _ => Kinds::NONE,
    }
}

/// The kinds of time that a sum or difference of values of these kinds can have.
pub(super) fn gives(operator: Operator, left: Kinds, right: Kinds) -> Kinds {
    const POINT: Kinds = Kinds::TIMESTAMP;
    const SPAN: Kinds = Kinds::DURATION;
    let known = match operator {
        Operator::Add => [
            (POINT, SPAN, POINT),
            (SPAN, POINT, POINT),
            (SPAN, SPAN, SPAN),
        ],
        Operator::Subtract => [
            (POINT, SPAN, POINT),
            (POINT, POINT, SPAN),
            (SPAN, SPAN, SPAN),
        ],
        _ => return Kinds::NONE,
    };
    let possible = known
        .into_iter()
        .filter(|(a, b, _)| left.meets(*a) && right.meets(*b));
    possible.fold(Kinds::NONE, |times, (_, _, time)| times.or(time))
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
