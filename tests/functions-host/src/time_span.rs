//! Spans of time as host.json writes them: .NET's `[-][d.]hh:mm[:ss[.fffffff]]`, or whole days.

use std::time::Duration;

/// Span of time with its sign.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) struct TimeSpan {
    pub(crate) negative: bool,
    pub(crate) length: Duration,
}

impl TimeSpan {
    /// Reads what `TimeSpan.Parse` takes; a bare number is days, so `30` is a month.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, text) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let seconds = if let Some((hours, rest)) = text.split_once(':') {
            let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
            let (minutes, rest) = rest.split_once(':').unwrap_or((rest, "0"));
            let (seconds, fraction) = rest.split_once('.').unwrap_or((rest, ""));
            let whole = number(days, u64::MAX)?
                .checked_mul(86_400)?
                .checked_add(number(hours, 23)? * 3600 + number(minutes, 59)? * 60)?
                .checked_add(number(seconds, 59)?)?;
            Duration::new(whole, nanoseconds(fraction)?)
        } else {
            Duration::from_secs(number(text, u64::MAX)?.checked_mul(86_400)?)
        };
        Some(Self {
            negative,
            length: seconds,
        })
    }
}

fn number(digits: &str, most: u64) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .parse()
        .ok()
        .filter(|number| plain && *number <= most)
}

/// Up to seven decimals; none at all is zero.
fn nanoseconds(fraction: &str) -> Option<u32> {
    if fraction.is_empty() {
        return Some(0);
    }
    let digits = number(fraction, 9_999_999)?;
    let missing = u32::try_from(9_usize.checked_sub(fraction.len())?).ok()?;
    u32::try_from(digits * 10_u64.pow(missing)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, milliseconds: Option<i64>) {
        let parsed = TimeSpan::parse(text).map(|span| {
            let length = i64::try_from(span.length.as_millis()).unwrap();
            if span.negative { -length } else { length }
        });
        assert_eq!(parsed, milliseconds, "{text}");
    }

    #[test]
    fn spans() {
        check("00:00:30", Some(30_000));
        check("00:05", Some(300_000));
        check("1.02:03:04.5", Some(93_784_500));
        check("00:00:00.0250000", Some(25));
        check("-1", Some(-86_400_000));
        check("30", Some(30 * 86_400_000));
        check("", None);
        check("24:00:00", None);
        check("00:60:00", None);
        check("00:00:+1", None);
        check("00:00:01.12345678", None);
        check("thirty", None);
    }
}
