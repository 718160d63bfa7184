//! A JSON object in which strings may hold `${expression}`.

use serde_json::{Map, Value};

use super::merge::{fill, merge, merge_member, take_object};

use crate::expression::{Budget, Expression, Inputs, Outcome, Problem, Unreadable, Use};

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

impl Template {
    /// Compiles the expressions of a template; none where one of them can never work.
    ///
    /// Each problem names the member that holds the expression.
    pub(crate) fn compile(object: Map<String, Value>, problems: &mut Vec<Problem>) -> Option<Self> {
        if !object.values().any(has_expression) {
            return Some(Self::Fixed(object));
        }
        compile_members(object, "", problems).map(Self::Rendered)
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

    /// Lays the template on what lower layers have made: what the operator writes by JSON merge
    /// patch, what an expression gives only where it stands.
    ///
    /// # Errors
    /// [`Unreadable`] when an expression names a part of the request that is broken.
    pub(crate) fn lay_on(
        &self,
        target: &mut Map<String, Value>,
        inputs: &Inputs<'_>,
        budget: &Budget,
    ) -> Result<(), Unreadable> {
        match self {
            Self::Fixed(object) => merge(target, object.clone()),
            Self::Rendered(members) => lay_members(members, target, inputs, budget)?,
        }
        Ok(())
    }
}

fn lay_members(
    members: &[(String, Node)],
    target: &mut Map<String, Value>,
    inputs: &Inputs<'_>,
    budget: &Budget,
) -> Result<(), Unreadable> {
    for (key, node) in members {
        match node {
            Node::Fixed(value) => merge_member(target, key, value.clone()),
            Node::Object(members) => {
                let mut object = take_object(target, key);
                lay_members(members, &mut object, inputs, budget)?;
                target.insert(key.clone(), Value::Object(object));
            }
            Node::Whole(_) | Node::Text(_) => {
                if let Some(value) = render_node(node, inputs, budget)? {
                    fill(target, key, value);
                }
            }
            // That it is an array is the operator's choice.
            Node::Array(_) => {
                if let Some(value) = render_node(node, inputs, budget)? {
                    merge_member(target, key, value);
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

/// Everything is compiled, so that everything that is wrong is reported.
fn compile_members(
    object: Map<String, Value>,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<Vec<(String, Node)>> {
    let nodes: Vec<Option<(String, Node)>> = object
        .into_iter()
        .map(|(key, value)| {
            let node = compile_node(value, &format!("{path}{key}"), problems)?;
            Some((key, node))
        })
        .collect();
    nodes.into_iter().collect()
}

fn compile_node(value: Value, path: &str, problems: &mut Vec<Problem>) -> Option<Node> {
    if !has_expression(&value) {
        return Some(Node::Fixed(value));
    }
    match value {
        Value::String(text) => {
            let before = problems.len();
            let node = compile_text(&text, problems);
            for problem in problems.iter_mut().skip(before) {
                problem.rule = format!("at `{path}`: {}", problem.rule);
            }
            node
        }
        Value::Array(items) => {
            let nodes: Vec<Option<Node>> = items
                .into_iter()
                .map(|item| compile_node(item, path, problems))
                .collect();
            nodes.into_iter().collect::<Option<_>>().map(Node::Array)
        }
        Value::Object(members) => {
            compile_members(members, &format!("{path}."), problems).map(Node::Object)
        }
        fixed => Some(Node::Fixed(fixed)),
    }
}

fn compile_text(text: &str, problems: &mut Vec<Problem>) -> Option<Node> {
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
        let expression = match Expression::compile(source.trim()) {
            Ok(expression) => expression,
            Err(errors) => {
                problems.extend(errors);
                return None;
            }
        };
        problems.extend(expression.problems(Use::Member));
        if before.is_empty() && after.is_empty() && pieces.is_empty() {
            return Some(Node::Whole(expression));
        }
        pieces.push(Piece::Expression(expression));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Some(Node::Text(pieces))
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
    budget: &Budget,
) -> Result<Map<String, Value>, Unreadable> {
    let mut object = Map::new();
    for (key, node) in members {
        if let Some(value) = render_node(node, inputs, budget)? {
            object.insert(key.clone(), value);
        }
    }
    Ok(object)
}

fn render_node(
    node: &Node,
    inputs: &Inputs<'_>,
    budget: &Budget,
) -> Result<Option<Value>, Unreadable> {
    Ok(match node {
        Node::Fixed(value) => Some(value.clone()),
        Node::Whole(expression) => match expression.evaluate_within(inputs, budget)? {
            Outcome::Value(value) => Some(value),
            Outcome::Absent(_) | Outcome::Failed(_) => None,
        },
        Node::Text(pieces) => render_text(pieces, inputs, budget)?.map(Value::String),
        Node::Object(members) => Some(Value::Object(render_members(members, inputs, budget)?)),
        Node::Array(nodes) => {
            let mut items = Vec::with_capacity(nodes.len());
            for node in nodes {
                items.extend(render_node(node, inputs, budget)?);
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
