//! `format`: `%[.precision]conversion` for each value of a list; `%%` is a percent sign.

use std::fmt::Write;

use crate::expression::budget::Budget;
use crate::expression::no_value::{Evaluated, type_mismatch};
use crate::expression::outcome::Failure;
use crate::expression::time;
use crate::expression::value::{List, Val};

/// Digits after the point, by default.
const DEFAULT_PRECISION: usize = 6;

/// Maximum number of digits after the point.
const MAX_PRECISION: usize = 100;

/// No number has more digits before the point.
const NUMBER_BYTES: usize = 400;

pub(super) fn format<'a>(format: &str, list: &List<'a>, budget: &Budget) -> Evaluated<'a> {
    budget.make(format.len().saturating_mul(3))?;
    let mut out = String::with_capacity(format.len());
    let mut values = list.iter();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let value = values.next().ok_or_else(range)?;
        let (precision, after) = precision(after).ok_or_else(range)?;
        let mut conversion = after.chars();
        let letter = conversion.next().ok_or_else(range)?;
        rest = conversion.as_str();
        write_value(&mut out, letter, precision, &value, budget)?;
    }
    out.push_str(rest);
    Ok(Val::new_text(out))
}

fn range() -> Failure {
    Failure::Range("format".into())
}

/// The precision at the start of a conversion, and what follows.
fn precision(text: &str) -> Option<(usize, &str)> {
    let Some(digits) = text.strip_prefix('.') else {
        return Some((DEFAULT_PRECISION, text));
    };
    let end = digits.find(|c: char| !c.is_ascii_digit())?;
    let (digits, rest) = digits.split_at(end);
    let precision = digits.parse().ok().filter(|it| *it <= MAX_PRECISION)?;
    Some((precision, rest))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "whole numbers are formatted as doubles by these conversions"
)]
fn write_value<'a>(
    out: &mut String,
    letter: char,
    precision: usize,
    value: &Val<'a>,
    budget: &Budget,
) -> Evaluated<'a, ()> {
    budget.make(NUMBER_BYTES + precision)?;
    let double = match value {
        Val::Int(number) => Some(*number as f64),
        Val::UInt(number) => Some(*number as f64),
        Val::Double(number) => Some(*number),
        _ => None,
    };
    // Writing to a string cannot fail.
    let _ = match (letter, value, double) {
        ('s', value, _) => return write_text(out, value, budget),
        ('d', Val::Int(number), _) => write!(out, "{number}"),
        ('d', Val::UInt(number), _) => write!(out, "{number}"),
        ('d', Val::Double(number), _) => out.write_str(&plain(*number)),
        ('f', _, Some(number)) if number.is_finite() => write!(out, "{number:.precision$}"),
        ('e', _, Some(number)) if number.is_finite() => {
            out.write_str(&scientific(number, precision))
        }
        ('f' | 'e', _, Some(number)) => out.write_str(&plain(number)),
        ('b', Val::Bool(flag), _) => write!(out, "{}", u8::from(*flag)),
        ('b', Val::Int(number), _) => write!(out, "{}{:b}", sign(*number), number.unsigned_abs()),
        ('b', Val::UInt(number), _) => write!(out, "{number:b}"),
        ('o', Val::Int(number), _) => write!(out, "{}{:o}", sign(*number), number.unsigned_abs()),
        ('o', Val::UInt(number), _) => write!(out, "{number:o}"),
        ('x', Val::Int(number), _) => write!(out, "{}{:x}", sign(*number), number.unsigned_abs()),
        ('X', Val::Int(number), _) => write!(out, "{}{:X}", sign(*number), number.unsigned_abs()),
        ('x', Val::UInt(number), _) => write!(out, "{number:x}"),
        ('X', Val::UInt(number), _) => write!(out, "{number:X}"),
        ('x' | 'X', Val::Text(text), _) => return hex(out, text.as_bytes(), letter, budget),
        ('x' | 'X', Val::Bytes(bytes), _) => return hex(out, bytes, letter, budget),
        ('d' | 'f' | 'e' | 'b' | 'o' | 'x' | 'X', other, _) => {
            return Err(type_mismatch("format", other));
        }
        _ => return Err(range().into()),
    };
    Ok(())
}

fn hex<'a>(out: &mut String, bytes: &[u8], letter: char, budget: &Budget) -> Evaluated<'a, ()> {
    budget.make(bytes.len().saturating_mul(6))?;
    for byte in bytes {
        let _ = if letter == 'X' {
            write!(out, "{byte:02X}")
        } else {
            write!(out, "{byte:02x}")
        };
    }
    Ok(())
}

/// `%s`: any value, lists and maps included.
fn write_text<'a>(out: &mut String, value: &Val<'a>, budget: &Budget) -> Evaluated<'a, ()> {
    budget.make(8)?;
    let push = |out: &mut String, text: &str| -> Result<(), Failure> {
        budget.make(text.len().saturating_mul(3))?;
        out.push_str(text);
        Ok(())
    };
    match value {
        Val::Null => push(out, "null")?,
        Val::Bool(flag) => push(out, if *flag { "true" } else { "false" })?,
        Val::Int(number) => push(out, &number.to_string())?,
        Val::UInt(number) => push(out, &number.to_string())?,
        Val::Double(number) => {
            budget.make(NUMBER_BYTES)?;
            push(out, &plain(*number))?;
        }
        Val::Text(text) => push(out, text)?,
        Val::Bytes(bytes) => {
            budget.make(bytes.len().saturating_mul(3))?;
            push(out, &lossy(bytes))?;
        }
        Val::Type(name) => push(out, name)?,
        Val::Timestamp(at) => push(out, &at.to_string())?,
        Val::Duration(duration) => push(out, &time::seconds(*duration))?,
        Val::List(list) => {
            push(out, "[")?;
            for (number, item) in list.iter().enumerate() {
                push(out, if number == 0 { "" } else { ", " })?;
                write_text(out, &item, budget)?;
            }
            push(out, "]")?;
        }
        Val::Map(map) => {
            push(out, "{")?;
            for (number, key) in map.keys(budget)?.into_iter().enumerate() {
                let Some(value) = map.get(&key) else { continue };
                push(out, if number == 0 { "" } else { ", " })?;
                write_text(out, &key.into_value(), budget)?;
                push(out, ": ")?;
                write_text(out, &value, budget)?;
            }
            push(out, "}")?;
        }
        Val::Optional(_) => return Err(type_mismatch("format", value)),
    }
    Ok(())
}

/// The text of bytes; a run of what is not UTF-8 is one replacement character.
fn lossy(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for (number, chunk) in bytes.utf8_chunks().enumerate() {
        out.push_str(chunk.valid());
        if !chunk.invalid().is_empty() && (number == 0 || !chunk.valid().is_empty()) {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
    out
}

fn sign(number: i64) -> &'static str {
    if number < 0 { "-" } else { "" }
}

fn plain(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned()
    } else {
        number.to_string()
    }
}

/// `1.5e+01`: at least two digits of exponent, with its sign.
fn scientific(number: f64, precision: usize) -> String {
    let formatted = format!("{number:.precision$e}");
    let (mantissa, exponent) = formatted.split_once('e').unwrap_or((&formatted, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}
