//! JSON in canonical form: members in the order of their keys, one spelling for each value.
//!
//! The revision depends on it, so nothing here may depend on how `serde_json` stores objects and
//! numbers: any dependency can switch its features `preserve_order`, `arbitrary_precision` and
//! `float_roundtrip` on for the whole program, and its versions write large doubles differently.

use std::collections::BTreeMap;
use std::iter::repeat_n;

use serde::de::Error as _;
use serde_json::value::RawValue;
use serde_json::{Error, Map, Value};

/// The canonical form of a JSON object.
///
/// # Errors
/// When the text is not a JSON object.
pub(super) fn object(text: &str) -> Result<String, Error> {
    // Finds errors with their places, and bounds the depth of the recursion below.
    let _: Map<String, Value> = serde_json::from_str(text)?;
    let mut out = String::with_capacity(text.len());
    write_members(text, &mut out)?;
    Ok(out)
}

fn write_members(object: &str, out: &mut String) -> Result<(), Error> {
    // The last of several members with the same key counts, as in any JSON object.
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(object)?;
    out.push('{');
    for (position, (key, value)) in members.into_iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(&key)?);
        out.push(':');
        write_value(value.get(), out)?;
    }
    out.push('}');
    Ok(())
}

fn write_value(value: &str, out: &mut String) -> Result<(), Error> {
    match value.as_bytes().first() {
        Some(b'{') => write_members(value, out)?,
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(value)?;
            out.push('[');
            for (position, item) in items.into_iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_value(item.get(), out)?;
            }
            out.push(']');
        }
        Some(b'"') => {
            let text: String = serde_json::from_str(value)?;
            out.push_str(&serde_json::to_string(&text)?);
        }
        Some(b'-' | b'0'..=b'9') => out.push_str(&number(value)?),
        // `true`, `false` and `null` have one spelling.
        _ => out.push_str(value),
    }
    Ok(())
}

/// Whole numbers of 64 bits with all of their digits; others as the double that they mean.
fn number(digits: &str) -> Result<String, Error> {
    // `-0` is a double: no whole number keeps its sign.
    let whole = digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok();
    if whole && digits != "-0" {
        return Ok(digits.to_owned());
    }
    match digits.parse::<f64>() {
        Ok(double) if double.is_finite() => Ok(shortest(double)),
        _ => Err(Error::custom("number out of range")),
    }
}

/// The fewest digits that mean the double: `0.00001` to `1000000000000000.0`, else `1e-6`, `1e+16`.
fn shortest(double: f64) -> String {
    // `-1.25e-7`: the fewest digits, by the standard library.
    let scientific = format!("{double:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(positive) => ("-", positive),
        None => ("", mantissa),
    };
    if !(-5..16).contains(&exponent) {
        return format!("{sign}{mantissa}e{exponent:+}");
    }
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let before_point = usize::try_from(exponent).map_or(0, |exponent| exponent + 1);
    let zeros = usize::try_from(-1 - exponent).unwrap_or_default();
    let digits: String = repeat_n('0', zeros).chain(digits.chars()).collect();
    let whole: String = digits
        .chars()
        .chain(std::iter::repeat('0'))
        .take(before_point)
        .collect();
    let fraction = digits.get(before_point..).unwrap_or_default();
    let or_zero = |text: &str| if text.is_empty() { "0" } else { text }.to_owned();
    format!("{sign}{}.{}", or_zero(&whole), or_zero(fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Option<String> {
        object(text).ok()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(canonical(text).as_deref(), Some(expected));
        assert_eq!(canonical(expected).as_deref(), Some(expected));
    }

    #[test]
    fn objects_have_one_text() {
        check("{}", "{}");
        check(" { \"b\" : 1 , \"a\" : 2 } ", r#"{"a":2,"b":1}"#);
        check(
            r#"{"z":{"y":{"b":[],"a":{}},"x":null},"B":true,"a":[{"d":1,"c":false}]}"#,
            r#"{"B":true,"a":[{"c":false,"d":1}],"z":{"x":null,"y":{"a":{},"b":[]}}}"#,
        );
        check(r#"{"a":1,"b":2,"a":{"c":3}}"#, r#"{"a":{"c":3},"b":2}"#);
        check(
            r#"{"\u0061\u00fc":"\u00e9\/\t\u001f\"\\","é":"\ud83d\ude00"}"#,
            "{\"aü\":\"é/\\t\\u001f\\\"\\\\\",\"é\":\"\u{1f600}\"}",
        );
    }

    #[test]
    fn numbers_have_one_text() {
        for (number, expected) in [
            ("0", "0"),
            ("-0", "-0.0"),
            ("-7", "-7"),
            ("9223372036854775807", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "1.8446744073709552e+19"),
            ("1.50", "1.5"),
            ("1.0", "1.0"),
            ("1e2", "100.0"),
            ("1E-7", "1e-7"),
            ("123456789.125", "123456789.125"),
            ("2.5e+300", "2.5e+300"),
            ("-2.5e-300", "-2.5e-300"),
            ("0.0", "0.0"),
            ("0.5", "0.5"),
            ("-0.125", "-0.125"),
            ("1e-4", "0.0001"),
            ("1e-5", "0.00001"),
            ("1.25e-5", "0.0000125"),
            ("1e-6", "1e-6"),
            ("1e15", "1000000000000000.0"),
            ("1.5e15", "1500000000000000.0"),
            ("1e16", "1e+16"),
            ("1.5e16", "1.5e+16"),
            ("9007199254740993.0", "9007199254740992.0"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ] {
            check(
                &format!("{{\"n\":{number}}}"),
                &format!("{{\"n\":{expected}}}"),
            );
            check(
                &format!("{{\"n\":[ {number} ]}}"),
                &format!("{{\"n\":[{expected}]}}"),
            );
        }
    }

    #[test]
    fn texts_that_are_not_objects_have_no_canonical_form() {
        let deep = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
        for text in [
            "",
            "[]",
            "1",
            "null",
            "{",
            "{}x",
            "{\"a\":1e999}",
            "{\"a\":\"\\ud800\"}",
            &*deep,
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
