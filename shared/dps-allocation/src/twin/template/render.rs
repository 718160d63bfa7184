//! From parts to the JSON of a device.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::part::{Part, Piece};
use crate::document::{Member, Object};
use crate::expression::{Budget, Inputs, Outcome, Unreadable};
use crate::twin::merge::{fill, merge_member, take_object};

pub(super) fn merge_members<'p>(
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

pub(super) fn render_members(
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
