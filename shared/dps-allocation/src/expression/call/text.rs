//! The functions of strings; indices are in characters.

use crate::expression::budget::Budget;
use crate::expression::function::Function;
use crate::expression::no_value::{Evaluated, type_mismatch};
use crate::expression::outcome::Failure;
use crate::expression::value::{List, Val};

/// Calls a function of a text.
pub(super) fn call<'a>(
    function: Function,
    text: &str,
    rest: &[Val<'a>],
    budget: &Budget,
) -> Evaluated<'a> {
    budget.scan(text.len())?;
    let range = || Failure::Range(function.as_str().into());
    Ok(match (function, rest) {
        (Function::Contains, [Val::Text(part)]) => {
            budget.scan(part.len())?;
            Val::Bool(text.contains(&**part))
        }
        (Function::StartsWith, [Val::Text(part)]) => Val::Bool(text.starts_with(&**part)),
        (Function::EndsWith, [Val::Text(part)]) => Val::Bool(text.ends_with(&**part)),
        (Function::LowerAscii, []) => made(text, budget, str::to_ascii_lowercase)?,
        (Function::UpperAscii, []) => made(text, budget, str::to_ascii_uppercase)?,
        (Function::Trim, []) => made(text, budget, |text| text.trim().to_owned())?,
        (Function::Reverse, []) => made(text, budget, |text| text.chars().rev().collect())?,
        (Function::CharAt, [Val::Int(at)]) => {
            let start = byte_at(text, *at).ok_or_else(range)?;
            let character = text.get(start..).and_then(|rest| rest.chars().next());
            Val::new_text(character.map(String::from).unwrap_or_default())
        }
        (Function::Substring, [Val::Int(from)]) => {
            let from = byte_at(text, *from).ok_or_else(range)?;
            made(text.get(from..).unwrap_or_default(), budget, str::to_owned)?
        }
        (Function::Substring, [Val::Int(from), Val::Int(to)]) => {
            let from = byte_at(text, *from).ok_or_else(range)?;
            let to = byte_at(text, *to).ok_or_else(range)?;
            made(text.get(from..to).ok_or_else(range)?, budget, str::to_owned)?
        }
        (Function::IndexOf, [Val::Text(part), rest @ ..]) => {
            index_of(text, part, rest, budget)?.ok_or_else(range)?
        }
        (Function::LastIndexOf, [Val::Text(part), rest @ ..]) => {
            last_index_of(text, part, rest, budget)?.ok_or_else(range)?
        }
        (Function::Replace, [Val::Text(from), Val::Text(to), rest @ ..]) => {
            let max = limit(rest).ok_or_else(range)?;
            replace(text, from, to, max, budget)?
        }
        (Function::Split, [Val::Text(at), rest @ ..]) => {
            split(text, at, limit(rest).ok_or_else(range)?, budget)?
        }
        (_, rest) => {
            let other = rest.iter().find(|value| !matches!(value, Val::Text(_)));
            return Err(
                other.map_or_else(|| range().into(), |it| type_mismatch(function.as_str(), it))
            );
        }
    })
}

/// A text that is at most as long.
fn made<'a>(
    text: &str,
    budget: &Budget,
    make: impl FnOnce(&str) -> String,
) -> Result<Val<'a>, Failure> {
    budget.make(text.len().saturating_mul(2))?;
    Ok(Val::new_text(make(text)))
}

/// The byte at which a character begins; the number of characters is the end.
fn byte_at(text: &str, at: i64) -> Option<usize> {
    let at = usize::try_from(at).ok()?;
    let ends = std::iter::once(text.len());
    let starts = text.char_indices().map(|(byte, _)| byte);
    starts.chain(ends).nth(at)
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

fn number(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn index_of<'a>(
    text: &str,
    part: &str,
    rest: &[Val<'a>],
    budget: &Budget,
) -> Result<Option<Val<'a>>, Failure> {
    budget.scan(part.len())?;
    let offset = match rest {
        [] => 0,
        [Val::Int(offset)] => *offset,
        _ => return Ok(None),
    };
    if part.is_empty() && offset >= 0 {
        return Ok(Some(Val::Int(offset.min(number(characters(text))))));
    }
    let Some(start) = byte_at(text, offset).filter(|start| rest.is_empty() || *start < text.len())
    else {
        return Ok(None);
    };
    let after = text.get(start..).unwrap_or_default();
    let found = after.find(part).and_then(|at| text.get(..start + at));
    Ok(Some(Val::Int(
        found.map_or(-1, |it| number(characters(it))),
    )))
}

fn last_index_of<'a>(
    text: &str,
    part: &str,
    rest: &[Val<'a>],
    budget: &Budget,
) -> Result<Option<Val<'a>>, Failure> {
    budget.scan(part.len())?;
    let length = number(characters(text));
    let offset = match rest {
        [] => length,
        [Val::Int(offset)] if *offset >= 0 && (*offset < length || part.is_empty()) => *offset,
        _ => return Ok(None),
    };
    if part.is_empty() {
        return Ok(Some(Val::Int(offset.min(length))));
    }
    let start = byte_at(text, offset).unwrap_or(text.len());
    let end = start.saturating_add(part.len()).min(text.len());
    // What starts at `start` or before it ends at a character there or before.
    let before = text.get(..text.floor_char_boundary(end)).unwrap_or(text);
    let found = before.rfind(part).and_then(|at| text.get(..at));
    Ok(Some(Val::Int(
        found.map_or(-1, |it| number(characters(it))),
    )))
}

/// The limit of `replace` and `split`; a negative one means none.
fn limit(rest: &[Val<'_>]) -> Option<usize> {
    match rest {
        [] => Some(usize::MAX),
        [Val::Int(max)] => Some(usize::try_from(*max).unwrap_or(usize::MAX)),
        _ => None,
    }
}

fn replace<'a>(
    text: &str,
    from: &str,
    to: &str,
    max: usize,
    budget: &Budget,
) -> Result<Val<'a>, Failure> {
    budget.scan(from.len())?;
    let times = text.matches(from).take(max).count();
    // Each is a step: an empty text matches between all characters.
    budget.steps(times)?;
    let added = to.len().saturating_mul(times);
    budget.make(text.len().saturating_add(added).saturating_mul(2))?;
    Ok(Val::new_text(text.replacen(from, to, max)))
}

/// Memory of a part of a split text besides its bytes.
const PART_BYTES: usize = 2 * size_of::<Val<'_>>() + 16;

fn split<'a>(text: &str, at: &str, max: usize, budget: &Budget) -> Result<Val<'a>, Failure> {
    budget.make(text.len().saturating_mul(2))?;
    let mut parts = Vec::new();
    let mut push = |part: &str| -> Result<(), Failure> {
        budget.make(PART_BYTES)?;
        parts.push(Val::new_text(part.to_owned()));
        Ok(())
    };
    if at.is_empty() {
        let mut rest = text;
        let mut left = max;
        while let Some(c) = rest.chars().next().filter(|_| left > 0) {
            // The last part holds what is left.
            let length = if left == 1 { rest.len() } else { c.len_utf8() };
            let (head, tail) = rest.split_at(length);
            push(head)?;
            rest = tail;
            left -= 1;
        }
    } else {
        for part in text.splitn(max, at) {
            push(part)?;
        }
    }
    Ok(Val::list(parts))
}

/// The texts of a list, one after the other.
pub(super) fn join<'a>(list: &List<'a>, rest: &[Val<'a>], budget: &Budget) -> Evaluated<'a> {
    let separator = match rest {
        [] => "",
        [Val::Text(separator)] => separator,
        [other, ..] => return Err(type_mismatch("join", other)),
    };
    let mut joined = String::new();
    for (number, item) in list.iter().enumerate() {
        let Val::Text(item) = &item else {
            return Err(type_mismatch("join", &item));
        };
        let before = if number == 0 { "" } else { separator };
        // Twice for a buffer that grows, once more for the text that is shared.
        budget.make(item.len().saturating_add(before.len()).saturating_mul(3))?;
        joined.push_str(before);
        joined.push_str(item);
    }
    Ok(Val::new_text(joined))
}
