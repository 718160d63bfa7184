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
        match self.node(operand, locals)? {
            Val::Optional(None) => Ok(Val::Optional(None)),
            Val::Optional(Some(value)) => match &*value {
                Val::Map(map) => Ok(optional(map.member(field))),
                other => Err(no_member(field, other)),
            },
            Val::Map(map) => map.member(field).ok_or_else(|| missing_member(field)),
            Val::Null => Err(NoValue::Absent(null_of(operand))),
            other => Err(no_member(field, &other)),
        }
    }

    pub(super) fn has(
        &self,
        operand: &'a Node,
        field: &'a str,
        locals: Locals<'_, 'a>,
    ) -> Evaluated<'a> {
        let has = match self.node(operand, locals)? {
            Val::Optional(None) => false,
            Val::Optional(Some(value)) => match &*value {
                Val::Map(map) => map.member(field).is_some(),
                other => return Err(no_member(field, other)),
            },
            Val::Map(map) => map.member(field).is_some(),
            Val::Null => return Err(NoValue::Absent(null_of(operand))),
            other => return Err(no_member(field, &other)),
        };
        Ok(Val::Bool(has))
    }

    pub(super) fn optional_select(
        &self,
        operand: &'a Node,
        field: &'a str,
        locals: Locals<'_, 'a>,
    ) -> Evaluated<'a> {
        Ok(match self.node(operand, locals)? {
            Val::Map(map) => optional(map.member(field)),
            Val::Optional(Some(value)) => match &*value {
                Val::Map(map) => optional(map.member(field)),
                _ => Val::Optional(None),
            },
            _ => Val::Optional(None),
        })
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
        Ok(match value {
            Val::Optional(None) => Val::Optional(None),
            Val::Optional(Some(value)) => optional(element(&value, &index).ok()),
            value => optional(element(&value, &index).ok()),
        })
    }
}

fn optional(value: Option<Val<'_>>) -> Val<'_> {
    Val::Optional(value.map(Rc::new))
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
