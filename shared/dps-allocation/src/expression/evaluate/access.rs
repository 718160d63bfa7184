//! Evaluates members and elements: `a.b`, `has(a.b)`, `a.?b`, `a[b]`, `a[?b]`.

use std::borrow::Cow;
use std::rc::Rc;

use super::evaluator::{Evaluator, Locals};
use crate::expression::no_value::{Absence, Evaluated, NoValue, type_mismatch};
use crate::expression::outcome::Failure;
use crate::expression::tree::Node;
use crate::expression::value::{Key, Val, ValText, whole};

impl<'a> Evaluator<'a, '_> {
    pub(super) fn select(
        &self,
        operand: &'a Node,
        field: &'a str,
        locals: Locals<'_, 'a>,
    ) -> Evaluated<'a> {
        let value = self.node(operand, locals)?;
        let member = member(operand, &value, field)?;
        if let Val::Optional(_) = value {
            return Ok(optional(member));
        }
        member.ok_or_else(|| missing_member(field))
    }

    pub(super) fn has(
        &self,
        operand: &'a Node,
        field: &'a str,
        locals: Locals<'_, 'a>,
    ) -> Evaluated<'a> {
        let value = self.node(operand, locals)?;
        Ok(Val::Bool(member(operand, &value, field)?.is_some()))
    }

    pub(super) fn optional_select(
        &self,
        operand: &'a Node,
        field: &'a str,
        locals: Locals<'_, 'a>,
    ) -> Evaluated<'a> {
        let value = self.node(operand, locals)?;
        let member = member(operand, &value, field);
        Ok(optional(member.ok().flatten()))
    }

    pub(super) fn index(&self, operands: &'a [Node; 2], locals: Locals<'_, 'a>) -> Evaluated<'a> {
        let [operand, index] = operands;
        let value = self.node(operand, locals)?;
        let index = self.node(index, locals)?;
        match value {
            Val::Optional(None) => Ok(Val::Optional(None)),
            Val::Optional(Some(value)) => Ok(optional(element(&value, &index).ok())),
            Val::Null => Err(NoValue::Absent(null_of(operand))),
            value => element(&value, &index),
        }
    }

    pub(super) fn optional_index(
        &self,
        operands: &'a [Node; 2],
        locals: Locals<'_, 'a>,
    ) -> Evaluated<'a> {
        let [operand, index] = operands;
        let value = self.node(operand, locals)?;
        let index = self.node(index, locals)?;
        let value = match &value {
            Val::Optional(Some(value)) => value,
            value => value,
        };
        Ok(optional(element(value, &index).ok()))
    }
}

fn optional(value: Option<Val<'_>>) -> Val<'_> {
    Val::Optional(value.map(Rc::new))
}

/// The member of a map, or of the map in an optional value; none if the map does not have it.
fn member<'a>(
    operand: &'a Node,
    value: &Val<'a>,
    field: &str,
) -> Result<Option<Val<'a>>, NoValue<'a>> {
    match value {
        Val::Map(map) => Ok(map.member(field)),
        Val::Optional(None) => Ok(None),
        Val::Optional(Some(value)) => match &**value {
            Val::Map(map) => Ok(map.member(field)),
            other => Err(no_member(field, other)),
        },
        Val::Null => Err(NoValue::Absent(null_of(operand))),
        other => Err(no_member(field, other)),
    }
}

fn element<'a>(value: &Val<'a>, index: &Val<'a>) -> Evaluated<'a> {
    match value {
        Val::List(list) => {
            let at = match index {
                Val::Int(at) => usize::try_from(*at).ok(),
                Val::UInt(at) => usize::try_from(*at).ok(),
                Val::Double(at) => {
                    let at = whole(*at).ok_or_else(|| type_mismatch("[]", index))?;
                    usize::try_from(at).ok()
                }
                other => return Err(type_mismatch("[]", other)),
            };
            at.and_then(|at| list.get(at))
                .ok_or(NoValue::Absent(Absence::Element))
        }
        Val::Map(map) => {
            let key = match (Key::sought(index), index) {
                (Some(key), _) => key,
                (None, Val::Double(_)) => return Err(NoValue::Absent(Absence::Key)),
                (None, other) => return Err(type_mismatch("[]", other)),
            };
            map.get(&key).ok_or(NoValue::Absent(Absence::Key))
        }
        Val::Null => Err(NoValue::Absent(Absence::Nothing)),
        other => Err(type_mismatch("[]", other)),
    }
}

/// Names the part that is null, so that it has no members.
pub(super) fn null_of(node: &Node) -> Absence<'_> {
    match node {
        Node::Variable(variable) => Absence::Variable(*variable),
        Node::Select(_, field) => Absence::Null(field),
        _ => Absence::Nothing,
    }
}

fn missing_member(field: &str) -> NoValue<'_> {
    NoValue::Absent(Absence::Member(ValText::Borrowed(field)))
}

fn no_member<'a>(field: &str, value: &Val<'_>) -> NoValue<'a> {
    Failure::Type(Cow::Owned(format!(".{field}")), value.type_name().into()).into()
}
