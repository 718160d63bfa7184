//! Evaluates a node: literals, operators, calls, lists and maps.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::evaluator::{Evaluator, Locals};
use crate::expression::call;
use crate::expression::function::Function;
use crate::expression::no_value::{Evaluated, type_mismatch};
use crate::expression::operate::{self, operate};
use crate::expression::outcome::Failure;
use crate::expression::tree::{Entry, Item, Node};
use crate::expression::value::{Key, Map, Val};

impl<'a> Evaluator<'a, '_> {
    pub(crate) fn value(&self, node: &'a Node) -> Evaluated<'a> {
        self.node(node, None)
    }

    pub(super) fn node(&self, node: &'a Node, locals: Locals<'_, 'a>) -> Evaluated<'a> {
        self.budget.steps(1)?;
        match node {
            Node::Literal(literal) => Ok(Val::from(literal)),
            Node::Variable(variable) => Ok(self.inputs.value(*variable)),
            Node::Local(depth) => Ok(local(*depth, locals)),
            Node::Type(name) => Ok(Val::Type(name)),
            Node::Select(operand, field) => self.select(operand, field, locals),
            Node::Has(operand, field) => self.has(operand, field, locals),
            Node::OptionalSelect(operand, field) => self.optional_select(operand, field, locals),
            Node::Index(operands) => self.index(operands, locals),
            Node::OptionalIndex(operands) => self.optional_index(operands, locals),
            Node::List(items) => self.list(items, locals),
            Node::Map(entries) => self.map(entries, locals),
            Node::Not(operand) => Ok(Val::Bool(!self.flag(operand, locals, "!")?)),
            Node::Negate(operand) => Ok(operate::negate(&self.node(operand, locals)?)?),
            Node::And(operands) => self.logical(operands, locals, "&&", false),
            Node::Or(operands) => self.logical(operands, locals, "||", true),
            Node::Conditional(operands) => self.conditional(operands, locals),
            Node::Binary(operator, operands) => {
                let [left, right] = &**operands;
                let left = self.node(left, locals)?;
                let right = self.node(right, locals)?;
                Ok(operate(*operator, &left, &right, self.budget)?)
            }
            Node::Call(signature, arguments) => self.call(signature.function, arguments, locals),
            Node::Matches(operand, pattern) => {
                let value = self.node(operand, locals)?;
                Ok(call::matches(&value, pattern, self.budget)?)
            }
            Node::Fold(fold) => self.fold(fold, locals),
        }
    }

    fn call(
        &self,
        function: Function,
        arguments: &'a [Node],
        locals: Locals<'_, 'a>,
    ) -> Evaluated<'a> {
        // Hardly any function has more than two.
        match arguments {
            [one] => call::call(function, &[self.node(one, locals)?], self.budget),
            [one, two] => {
                let values = [self.node(one, locals)?, self.node(two, locals)?];
                call::call(function, &values, self.budget)
            }
            arguments => {
                let values: Result<Vec<_>, _> = arguments
                    .iter()
                    .map(|argument| self.node(argument, locals))
                    .collect();
                call::call(function, &values?, self.budget)
            }
        }
    }

    pub(super) fn flag(
        &self,
        node: &'a Node,
        locals: Locals<'_, 'a>,
        operator: &'static str,
    ) -> Evaluated<'a, bool> {
        match self.node(node, locals)? {
            Val::Bool(flag) => Ok(flag),
            other => Err(type_mismatch(operator, &other)),
        }
    }

    /// `&&` and `||`: one operand can decide even where the other has no value.
    fn logical(
        &self,
        operands: &'a [Node; 2],
        locals: Locals<'_, 'a>,
        operator: &'static str,
        deciding: bool,
    ) -> Evaluated<'a> {
        let [left, right] = operands;
        let left = self.flag(left, locals, operator);
        if matches!(left, Ok(flag) if flag == deciding) {
            return Ok(Val::Bool(deciding));
        }
        let right = self.flag(right, locals, operator);
        match (left, right) {
            (_, Ok(flag)) if flag == deciding && !self.budget.is_exhausted() => {
                Ok(Val::Bool(deciding))
            }
            (Err(left), Err(right)) => Err(left.worse(right)),
            (Err(no_value), Ok(_)) | (Ok(_), Err(no_value)) => Err(no_value),
            (Ok(_), Ok(flag)) => Ok(Val::Bool(flag)),
        }
    }

    fn conditional(&self, operands: &'a [Node; 3], locals: Locals<'_, 'a>) -> Evaluated<'a> {
        let [condition, yes, no] = operands;
        let holds = self.flag(condition, locals, "?:")?;
        self.node(if holds { yes } else { no }, locals)
    }

    pub(super) fn list(&self, items: &'a [Item], locals: Locals<'_, 'a>) -> Evaluated<'a> {
        self.budget.make(items.len() * size_of::<Val<'_>>())?;
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = self.node(&item.node, locals)?;
            values.extend(present(value, item.optional));
        }
        Ok(Val::list(values))
    }

    pub(super) fn map(&self, entries: &'a [Entry], locals: Locals<'_, 'a>) -> Evaluated<'a> {
        // A node of a map has eleven places, of which as few as five may be in use, or one in the first.
        let nodes = entries.len().div_ceil(5);
        self.budget
            .make(nodes * 11 * size_of::<(Key<'_>, Val<'_>)>())?;
        let mut map = BTreeMap::new();
        for entry in entries {
            let key = self.node(&entry.key, locals)?;
            let value = self.node(&entry.value, locals)?;
            let key = Key::of(&key).ok_or_else(|| type_mismatch("{}", &key))?;
            let Some(value) = present(value, entry.optional) else {
                continue;
            };
            if map.insert(key, value).is_some() {
                return Err(Failure::Range("{}".into()).into());
            }
        }
        Ok(Val::Map(Map::Shared(Rc::new(map))))
    }
}

/// The value that a macro binds; the tree holds no other depths.
fn local<'a>(depth: usize, locals: Locals<'_, 'a>) -> Val<'a> {
    let mut scope = locals;
    for _ in 0..depth {
        scope = scope.and_then(|scope| scope.outer);
    }
    scope.map_or(Val::Null, |scope| scope.value.clone())
}

/// An element or entry; an optional without a value is dropped.
fn present(value: Val<'_>, is_optional: bool) -> Option<Val<'_>> {
    match value {
        Val::Optional(value) if is_optional => value.map(|value| (*value).clone()),
        value => Some(value),
    }
}
