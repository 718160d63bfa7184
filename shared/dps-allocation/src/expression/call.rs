//! The functions, each asking the budget before it does its work.

mod format;
mod text;

use super::budget::Budget;
use super::function::Function;
use super::no_value::{Absence, Evaluated, NoValue, type_mismatch};
use super::outcome::Failure;
use super::pattern::{MAX_DYNAMIC, Pattern};
use super::time;
use super::value::Val;

/// Calls a function; the tree holds no call with another number of arguments.
pub(super) fn call<'a>(
    function: Function,
    arguments: &[Val<'a>],
    budget: &Budget,
) -> Evaluated<'a> {
    match (function, arguments) {
        (Function::Dyn, [value]) => Ok(value.clone()),
        (Function::Type, [value]) => Ok(Val::Type(value.type_name())),
        (Function::Size, [value]) => size(value, budget),
        (Function::HasValue, [Val::Optional(value)]) => Ok(Val::Bool(value.is_some())),
        (Function::Value, [Val::Optional(value)]) => value
            .as_ref()
            .map(|value| (**value).clone())
            .ok_or(NoValue::Absent(Absence::OptionalValue)),
        (Function::Or, [own @ Val::Optional(value), other @ Val::Optional(_)]) => {
            Ok(value.as_ref().map_or(other, |_| own).clone())
        }
        (Function::OrValue, [Val::Optional(value), otherwise]) => {
            Ok(value.as_ref().map_or(otherwise, |value| value).clone())
        }
        (Function::Matches, [text, Val::Text(pattern)]) => {
            if pattern.len() > MAX_DYNAMIC {
                return Err(Failure::Range(function.as_str().into()).into());
            }
            // Compiling is far more work than matching.
            budget.steps(500 + 100 * pattern.len())?;
            let pattern = Pattern::dynamic(pattern)
                .ok_or_else(|| Failure::Range(function.as_str().into()))?;
            Ok(matches(text, &pattern, budget)?)
        }
        (
            Function::Bool
            | Function::Bytes
            | Function::Double
            | Function::Duration
            | Function::Int
            | Function::String
            | Function::Timestamp
            | Function::UInt,
            [value],
        ) => convert(function, value, budget),
        (Function::Format, [Val::Text(format), Val::List(list)]) => {
            format::format(format, list, budget)
        }
        (Function::Join, [Val::List(list), rest @ ..]) => text::join(list, rest, budget),
        (_, [Val::Text(text), rest @ ..]) => text::call(function, text, rest, budget),
        (_, [other, ..]) => Err(type_mismatch(function.as_str(), other)),
        (_, []) => Err(Failure::Range(function.as_str().into()).into()),
    }
}

/// Whether a text holds a match of a pattern.
pub(super) fn matches<'a>(
    text: &Val<'a>,
    pattern: &Pattern,
    budget: &Budget,
) -> Result<Val<'a>, Failure> {
    let Val::Text(text) = text else {
        return Err(Failure::Type("matches".into(), text.type_name().into()));
    };
    budget.steps(pattern.cost(text.len()))?;
    Ok(Val::Bool(pattern.is_match(text)))
}

fn size<'a>(value: &Val<'a>, budget: &Budget) -> Evaluated<'a> {
    let size = match value {
        Val::Text(text) => {
            budget.scan(text.len())?;
            text.chars().count()
        }
        Val::Bytes(bytes) => bytes.len(),
        Val::List(list) => list.len(),
        Val::Map(map) => map.len(),
        other => return Err(type_mismatch("size", other)),
    };
    Ok(Val::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "CEL's conversions of numbers; the ranges are checked before"
)]
fn convert<'a>(function: Function, value: &Val<'a>, budget: &Budget) -> Evaluated<'a> {
    let range = || Failure::Range(function.as_str().into());
    if let Val::Text(text) = value {
        budget.scan(text.len())?;
    }
    Ok(match (function, value) {
        (Function::Timestamp, Val::Text(_) | Val::Int(_) | Val::Timestamp(_)) => {
            Val::Timestamp(time::timestamp(value).ok_or_else(range)?)
        }
        (Function::Duration, Val::Text(text)) => {
            Val::Duration(time::duration(text).ok_or_else(range)?)
        }
        (Function::Int, Val::Timestamp(at)) => Val::Int(at.as_second()),
        (Function::String, Val::Timestamp(at)) => Val::new_text(at.to_string()),
        (Function::String, Val::Duration(duration)) => Val::new_text(time::seconds(*duration)),
        (Function::Duration, Val::Duration(_))
        | (Function::Bool, Val::Bool(_))
        | (Function::Bytes, Val::Bytes(_))
        | (Function::Double, Val::Double(_))
        | (Function::Int, Val::Int(_))
        | (Function::String, Val::Text(_))
        | (Function::UInt, Val::UInt(_)) => value.clone(),
        (Function::Bool, Val::Text(text)) => Val::Bool(match &**text {
            "1" | "t" | "true" | "TRUE" | "True" => true,
            "0" | "f" | "false" | "FALSE" | "False" => false,
            _ => return Err(range().into()),
        }),
        (Function::Bytes, Val::Text(text)) => {
            budget.make(text.len())?;
            Val::Bytes(text.as_bytes().into())
        }
        (Function::Double, Val::Int(number)) => Val::Double(*number as f64),
        (Function::Double, Val::UInt(number)) => Val::Double(*number as f64),
        (Function::Double, Val::Text(text)) => {
            Val::Double(text.parse().map_err(|_not_a_number| range())?)
        }
        (Function::Int, Val::UInt(number)) => {
            Val::Int(i64::try_from(*number).map_err(|_too_large| range())?)
        }
        (Function::Int, Val::Double(number))
            if *number > i64::MIN as f64 && *number < i64::MAX as f64 =>
        {
            Val::Int(*number as i64)
        }
        (Function::Int, Val::Text(text)) => {
            Val::Int(text.parse().map_err(|_not_a_number| range())?)
        }
        (Function::UInt, Val::Int(number)) => {
            Val::UInt(u64::try_from(*number).map_err(|_negative| range())?)
        }
        (Function::UInt, Val::Double(number)) if (0.0..u64::MAX as f64).contains(number) => {
            Val::UInt(*number as u64)
        }
        (Function::UInt, Val::Text(text)) => {
            Val::UInt(text.parse().map_err(|_not_a_number| range())?)
        }
        (Function::Int | Function::UInt, Val::Double(_)) => return Err(range().into()),
        (Function::String, Val::Bool(flag)) => Val::new_text(flag.to_string()),
        (Function::String, Val::Int(number)) => Val::new_text(number.to_string()),
        (Function::String, Val::UInt(number)) => Val::new_text(number.to_string()),
        (Function::String, Val::Double(number)) => {
            // No double has more digits.
            budget.make(400)?;
            Val::new_text(number.to_string())
        }
        (Function::String, Val::Bytes(bytes)) => {
            budget.make(bytes.len())?;
            let text = str::from_utf8(bytes).map_err(|_not_utf8| range())?;
            Val::new_text(text.to_owned())
        }
        (_, other) => return Err(type_mismatch(function.as_str(), other)),
    })
}
