//! From the JSON of an operator to parts.

use serde_json::{Map, Value};

use super::part::{Part, Piece};
use crate::expression::{Expression, PatternBudget, Problem, Purpose};

pub(super) fn has_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(has_expression),
        Value::Object(members) => members.values().any(has_expression),
        _ => false,
    }
}

/// Compiles every member, so that every problem is reported.
pub(super) fn compile_members(
    object: Map<String, Value>,
    path: &str,
    patterns: &PatternBudget,
    problems: &mut Vec<Problem>,
) -> Option<Vec<(String, Part)>> {
    let parts: Vec<Option<(String, Part)>> = object
        .into_iter()
        .map(|(key, value)| {
            let part = compile_part(value, &format!("{path}{key}"), patterns, problems)?;
            Some((key, part))
        })
        .collect();
    parts.into_iter().collect()
}

fn compile_part(
    value: Value,
    path: &str,
    patterns: &PatternBudget,
    problems: &mut Vec<Problem>,
) -> Option<Part> {
    if !has_expression(&value) {
        return Some(Part::Fixed(value));
    }
    match value {
        Value::String(text) => {
            let before = problems.len();
            let part = compile_text(&text, patterns, problems);
            for problem in problems.iter_mut().skip(before) {
                problem.rule = format!("at `{path}`: {}", problem.rule);
            }
            part
        }
        Value::Array(items) => {
            let parts: Vec<Option<Part>> = items
                .into_iter()
                .map(|item| compile_part(item, path, patterns, problems))
                .collect();
            parts.into_iter().collect::<Option<_>>().map(Part::Array)
        }
        Value::Object(members) => {
            compile_members(members, &format!("{path}."), patterns, problems).map(Part::Object)
        }
        fixed => Some(Part::Fixed(fixed)),
    }
}

fn compile_text(text: &str, patterns: &PatternBudget, problems: &mut Vec<Problem>) -> Option<Part> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let Some((source, after)) = split_expression(after) else {
            let help = "write ${expression} inside strings";
            problems.push(Problem::error("`${` has no closing `}`", help));
            return None;
        };
        let expression = match Expression::compile(source.trim(), patterns) {
            Ok(expression) => expression,
            Err(errors) => {
                problems.extend(errors);
                return None;
            }
        };
        problems.extend(expression.problems(Purpose::Member));
        if before.is_empty() && after.is_empty() && pieces.is_empty() {
            return Some(Part::Whole(expression));
        }
        pieces.push(Piece::Expression(expression));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Some(Part::Text(pieces))
}

/// Splits at the brace that closes the expression, past braces and quotes inside it.
fn split_expression(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth > 0 => depth -= 1,
            (None, '}') => return Some((text.get(..at)?, text.get(at + 1..)?)),
            (Some(_) | None, _) => {}
        }
    }
    None
}
