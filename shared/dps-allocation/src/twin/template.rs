//! A JSON object in which strings may hold `${expression}`.

use cel::Value as Cel;
use serde_json::{Map, Value};

use crate::expression::{Expression, ExpressionError, Inputs, Outcome, Unreadable};

/// A JSON object with expressions inside its strings.
#[derive(Debug)]
pub(crate) enum Template {
    /// No expression in it.
    Fixed(Map<String, Value>),
    Rendered(Vec<(String, Node)>),
}

#[derive(Debug)]
pub(crate) enum Node {
    Fixed(Value),
    /// `"${payload.model}"` alone: keeps its JSON type.
    Whole(Expression),
    /// Text with expressions in between.
    Text(Vec<Piece>),
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
}

#[derive(Debug)]
pub(crate) enum Piece {
    Text(String),
    Expression(Expression),
}

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("at `{0}`: `${{` has no closing `}}`")]
    Unclosed(String),
    #[error("at `{0}`: {1}")]
    Expression(String, #[source] ExpressionError),
}

impl Template {
    /// Compiles the expressions of a template.
    ///
    /// # Errors
    /// [`TemplateError`] names the member that holds the bad expression.
    pub(crate) fn compile(object: Map<String, Value>) -> Result<Self, TemplateError> {
        if !object.values().any(has_expression) {
            return Ok(Self::Fixed(object));
        }
        compile_members(object, "").map(Self::Rendered)
    }

    /// The object, where no expression stands in it.
    pub(crate) fn fixed(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Fixed(object) => Some(object),
            Self::Rendered(_) => None,
        }
    }

    /// Evaluates every expression; members whose value is absent are left out.
    ///
    /// # Errors
    /// [`Unreadable`] when an expression names a part of the request that is broken.
    pub(crate) fn render(&self, inputs: &Inputs<'_>) -> Result<Map<String, Value>, Unreadable> {
        match self {
            Self::Fixed(object) => Ok(object.clone()),
            Self::Rendered(members) => render_members(members, inputs),
        }
    }
}

fn has_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(has_expression),
        Value::Object(members) => members.values().any(has_expression),
        _ => false,
    }
}

fn compile_members(
    object: Map<String, Value>,
    path: &str,
) -> Result<Vec<(String, Node)>, TemplateError> {
    let compile = |(key, value)| {
        let node = compile_node(value, &format!("{path}{key}"))?;
        Ok((key, node))
    };
    object.into_iter().map(compile).collect()
}

fn compile_node(value: Value, path: &str) -> Result<Node, TemplateError> {
    if !has_expression(&value) {
        return Ok(Node::Fixed(value));
    }
    Ok(match value {
        Value::String(text) => compile_text(&text, path)?,
        Value::Array(items) => {
            let nodes = items.into_iter().map(|item| compile_node(item, path));
            Node::Array(nodes.collect::<Result<_, _>>()?)
        }
        Value::Object(members) => Node::Object(compile_members(members, &format!("{path}."))?),
        fixed => Node::Fixed(fixed),
    })
}

fn compile_text(text: &str, path: &str) -> Result<Node, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let (source, after) =
            split_expression(after).ok_or_else(|| TemplateError::Unclosed(path.to_owned()))?;
        let expression = Expression::compile(source.trim())
            .map_err(|error| TemplateError::Expression(path.to_owned(), error))?;
        if before.is_empty() && after.is_empty() && pieces.is_empty() {
            return Ok(Node::Whole(expression));
        }
        pieces.push(Piece::Expression(expression));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(Node::Text(pieces))
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
    members: &[(String, Node)],
    inputs: &Inputs<'_>,
) -> Result<Map<String, Value>, Unreadable> {
    let mut object = Map::new();
    for (key, node) in members {
        if let Some(value) = render_node(node, inputs)? {
            object.insert(key.clone(), value);
        }
    }
    Ok(object)
}

fn render_node(node: &Node, inputs: &Inputs<'_>) -> Result<Option<Value>, Unreadable> {
    Ok(match node {
        Node::Fixed(value) => Some(value.clone()),
        Node::Whole(expression) => match expression.evaluate(inputs)? {
            // Infinity has no JSON but null.
            Outcome::Value(value) => value.json().ok().filter(|json| !json.is_null()),
            Outcome::Absent(_) => None,
        },
        Node::Text(pieces) => render_text(pieces, inputs)?.map(Value::String),
        Node::Object(members) => Some(Value::Object(render_members(members, inputs)?)),
        Node::Array(nodes) => {
            let mut items = Vec::with_capacity(nodes.len());
            for node in nodes {
                items.extend(render_node(node, inputs)?);
            }
            Some(Value::Array(items))
        }
    })
}

/// The text with its expressions filled in; absent as a whole when one of them is.
fn render_text(pieces: &[Piece], inputs: &Inputs<'_>) -> Result<Option<String>, Unreadable> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Expression(expression) => {
                let Outcome::Value(value) = expression.evaluate(inputs)? else {
                    return Ok(None);
                };
                match (&value, value.json()) {
                    (Cel::String(piece), _) => text.push_str(piece),
                    (_, Ok(json)) if !json.is_null() => text.push_str(&json.to_string()),
                    (_, Ok(_) | Err(_)) => return Ok(None),
                }
            }
        }
    }
    Ok(Some(text))
}
