//! A JSON object in which strings may hold `${expression}`.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::merge::{Member, Object, fill, merge, merge_member, take_object};
use crate::expression::{
    Budget, Expression, Inputs, Outcome, PatternBudget, Problem, Purpose, Unreadable,
};
use crate::parts::Parts;

/// A JSON object with expressions inside its strings; `Debug` hides it.
pub(crate) enum Template {
    /// No expression in it.
    Fixed(Map<String, Value>),
    Rendered(Vec<(String, Part)>),
}

pub(crate) enum Part {
    Fixed(Value),
    /// `"${payload.model}"` alone: keeps its JSON type.
    Whole(Expression),
    /// Text with expressions in between.
    Text(Vec<Piece>),
    Object(Vec<(String, Part)>),
    Array(Vec<Part>),
}

pub(crate) enum Piece {
    Text(String),
    Expression(Expression),
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Template(..)")
    }
}

impl Template {
    /// Compiles the expressions of a template; none where one of them can never work.
    ///
    /// Each problem names the member that holds the expression.
    pub(crate) fn compile(
        object: Map<String, Value>,
        patterns: &PatternBudget,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        if !object.values().any(has_expression) {
            return Some(Self::Fixed(object));
        }
        compile_members(object, "", patterns, problems).map(Self::Rendered)
    }

    /// The object, if it has no expression.
    pub(crate) fn fixed(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Fixed(object) => Some(object),
            Self::Rendered(_) => None,
        }
    }

    /// Calls `each` for every expression.
    pub(crate) fn for_each_expression(&self, each: &mut impl FnMut(&Expression)) {
        if let Self::Rendered(members) = self {
            for (_, part) in members {
                part.for_each(each);
            }
        }
    }

    /// Whether it has an expression that reads one of these parts.
    pub(crate) fn reads(&self, parts: Parts) -> bool {
        let mut reads = false;
        self.for_each_expression(&mut |expression| reads |= expression.reads(parts));
        reads
    }

    /// Evaluates every expression; members whose value is absent are left out.
    ///
    /// # Errors
    /// [`Unreadable`] when an expression names a part of the request that is broken.
    pub(crate) fn render(
        &self,
        inputs: &Inputs<'_>,
        budget: &Budget,
    ) -> Result<Map<String, Value>, Unreadable> {
        match self {
            Self::Fixed(object) => Ok(object.clone()),
            Self::Rendered(members) => render_members(members, inputs, budget),
        }
    }

    /// Merges the template onto the lower layers: what the operator writes by JSON merge patch, what
    /// an expression gives only at its own member.
    ///
    /// # Errors
    /// [`Unreadable`] when an expression names a part of the request that is broken.
    pub(super) fn merge_onto<'p>(
        &'p self,
        target: &mut Object<'p>,
        inputs: &Inputs<'_>,
        budget: &Budget,
    ) -> Result<(), Unreadable> {
        match self {
            Self::Fixed(object) => merge(target, object),
            Self::Rendered(members) => merge_members(members, target, inputs, budget)?,
        }
        Ok(())
    }
}

impl Part {
    fn for_each(&self, each: &mut impl FnMut(&Expression)) {
        match self {
            Self::Fixed(_) => {}
            Self::Whole(expression) => each(expression),
            Self::Text(pieces) => {
                for piece in pieces {
                    if let Piece::Expression(expression) = piece {
                        each(expression);
                    }
                }
            }
            Self::Object(members) => {
                for (_, part) in members {
                    part.for_each(each);
                }
            }
            Self::Array(parts) => {
                for part in parts {
                    part.for_each(each);
                }
            }
        }
    }
}

fn merge_members<'p>(
    members: &'p [(String, Part)],
    target: &mut Object<'p>,
    inputs: &Inputs<'_>,
    budget: &Budget,
) -> Result<(), Unreadable> {
    for (key, part) in members {
        match part {
            Part::Fixed(value) => merge_member(target, key, value),
            Part::Object(members) => {
                let mut object = take_object(target, key);
                merge_members(members, &mut object, inputs, budget)?;
                target.insert(Cow::Borrowed(key), Member::Object(object));
            }
            Part::Whole(_) | Part::Text(_) => {
                if let Some(value) = render_part(part, inputs, budget)? {
                    fill(target, key, value);
                }
            }
            // The operator wrote the array, so that it replaces what was there.
            Part::Array(_) => {
                if let Some(value) = render_part(part, inputs, budget)? {
                    let value = Member::Value(Cow::Owned(value));
                    target.insert(Cow::Borrowed(key), value);
                }
            }
        }
    }
    Ok(())
}

fn has_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(has_expression),
        Value::Object(members) => members.values().any(has_expression),
        _ => false,
    }
}

/// Compiles every member, so that every problem is reported.
fn compile_members(
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

fn render_members(
    members: &[(String, Part)],
    inputs: &Inputs<'_>,
    budget: &Budget,
) -> Result<Map<String, Value>, Unreadable> {
    let mut object = Map::new();
    for (key, part) in members {
        if let Some(value) = render_part(part, inputs, budget)? {
            object.insert(key.clone(), value);
        }
    }
    Ok(object)
}

fn render_part(
    part: &Part,
    inputs: &Inputs<'_>,
    budget: &Budget,
) -> Result<Option<Value>, Unreadable> {
    Ok(match part {
        Part::Fixed(value) => Some(value.clone()),
        Part::Whole(expression) => match expression.evaluate_within(inputs, budget)? {
            Outcome::Value(value) => Some(value),
            Outcome::Absent(_) | Outcome::Failed(_) => None,
        },
        Part::Text(pieces) => render_text(pieces, inputs, budget)?.map(Value::String),
        Part::Object(members) => Some(Value::Object(render_members(members, inputs, budget)?)),
        Part::Array(parts) => {
            let mut items = Vec::with_capacity(parts.len());
            for part in parts {
                items.extend(render_part(part, inputs, budget)?);
            }
            Some(Value::Array(items))
        }
    })
}

/// The text with its expressions filled in; absent as a whole when one of them is.
fn render_text(
    pieces: &[Piece],
    inputs: &Inputs<'_>,
    budget: &Budget,
) -> Result<Option<String>, Unreadable> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Expression(expression) => {
                let Outcome::Value(value) = expression.evaluate_within(inputs, budget)? else {
                    return Ok(None);
                };
                match value {
                    Value::String(piece) => text.push_str(&piece),
                    json => text.push_str(&json.to_string()),
                }
            }
        }
    }
    Ok(Some(text))
}
