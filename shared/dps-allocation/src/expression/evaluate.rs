//! Evaluation, within a budget.
//!
//! `cel` can only parse: its interpreter has no limit, copies the values that it works on, and
//! puts copies of them into its errors. Everything here that grows with a value asks the budget
//! before it is done.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::budget::Budget;
use super::call;
use super::inputs::Inputs;
use super::operate::{self, operate};
use super::outcome::Failure;
use super::tree::{Entry, Fold, FoldKind, Item, Node};
use super::value::{Key, Map, Text, Val};
use super::variable::Variable;

/// Why there is no value.
#[derive(Clone, Debug)]
pub(super) enum Stop<'a> {
    Absent(Absence<'a>),
    Failed(Failure),
}

/// What is missing.
#[derive(Clone, Debug)]
pub(super) enum Absence<'a> {
    Variable(Variable),
    /// A member that is null has no members.
    Null(&'a str),
    Nothing,
    Member(Text<'a>),
    Key,
    Element,
    OptionalValue,
}

pub(super) type Evaluated<'a, T = Val<'a>> = Result<T, Stop<'a>>;

impl From<Failure> for Stop<'_> {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Absence<'_>> for Cow<'static, str> {
    fn from(absence: Absence<'_>) -> Self {
        match absence {
            Absence::Variable(variable) => Cow::Borrowed(variable.missing()),
            Absence::Null(name) => Cow::Owned(format!("`{name}` is null")),
            Absence::Nothing => Cow::Borrowed("it is null"),
            Absence::Member(name) => Cow::Owned(format!("there is no `{}`", &*name)),
            Absence::Key => Cow::Borrowed("there is no such key"),
            Absence::Element => Cow::Borrowed("the list has no such element"),
            Absence::OptionalValue => Cow::Borrowed("an optional has no value"),
        }
    }
}

impl Stop<'_> {
    /// Of two operands without a value: a failure counts more than something missing.
    fn worse(self, other: Self) -> Self {
        match self {
            Self::Failed(_) => self,
            Self::Absent(_) => other,
        }
    }
}

/// What macros have bound, the innermost first.
pub(super) struct Scope<'s, 'a> {
    value: Val<'a>,
    outer: Option<&'s Scope<'s, 'a>>,
}

type Locals<'s, 'a> = Option<&'s Scope<'s, 'a>>;

pub(super) struct Evaluator<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) budget: &'a Budget,
}

impl<'a> Evaluator<'a> {
    pub(super) fn value(&self, node: &'a Node) -> Evaluated<'a> {
        self.node(node, None)
    }

    fn node(&self, node: &'a Node, locals: Locals<'_, 'a>) -> Evaluated<'a> {
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
            Node::Call(signature, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.node(argument, locals)?);
                }
                call::call(signature.function, &values, self.budget)
            }
            Node::Matches(operand, pattern) => {
                let value = self.node(operand, locals)?;
                Ok(call::matches(&value, pattern, self.budget)?)
            }
            Node::Fold(fold) => self.fold(fold, locals),
        }
    }

    fn flag(
        &self,
        node: &'a Node,
        locals: Locals<'_, 'a>,
        operator: &'static str,
    ) -> Evaluated<'a, bool> {
        match self.node(node, locals)? {
            Val::Bool(flag) => Ok(flag),
            other => Err(no_fit(operator, &other)),
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
            (Err(stop), Ok(_)) | (Ok(_), Err(stop)) => Err(stop),
            (Ok(_), Ok(flag)) => Ok(Val::Bool(flag)),
        }
    }

    fn conditional(&self, operands: &'a [Node; 3], locals: Locals<'_, 'a>) -> Evaluated<'a> {
        let [condition, yes, no] = operands;
        let holds = self.flag(condition, locals, "?:")?;
        self.node(if holds { yes } else { no }, locals)
    }

    fn list(&self, items: &'a [Item], locals: Locals<'_, 'a>) -> Evaluated<'a> {
        self.budget.make(items.len() * size_of::<Val<'_>>())?;
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = self.node(&item.node, locals)?;
            values.extend(present(value, item.optional));
        }
        Ok(Val::list(values))
    }

    fn map(&self, entries: &'a [Entry], locals: Locals<'_, 'a>) -> Evaluated<'a> {
        // A node of a map has eleven places, of which as few as five may be in use, or one in the first.
        let nodes = entries.len().div_ceil(5);
        self.budget
            .make(nodes * 11 * size_of::<(Key<'_>, Val<'_>)>())?;
        let mut map = BTreeMap::new();
        for entry in entries {
            let key = self.node(&entry.key, locals)?;
            let value = self.node(&entry.value, locals)?;
            let key = Key::of(&key).ok_or_else(|| no_fit("{}", &key))?;
            let Some(value) = present(value, entry.optional) else {
                continue;
            };
            if map.insert(key, value).is_some() {
                return Err(Failure::Range("{}".into()).into());
            }
        }
        Ok(Val::Map(Map::Shared(Rc::new(map))))
    }

    fn select(&self, operand: &'a Node, field: &'a str, locals: Locals<'_, 'a>) -> Evaluated<'a> {
        match self.node(operand, locals)? {
            Val::Optional(None) => Ok(Val::Optional(None)),
            Val::Optional(Some(value)) => match &*value {
                Val::Map(map) => Ok(optional(map.member(field))),
                other => Err(no_member(field, other)),
            },
            Val::Map(map) => map.member(field).ok_or_else(|| missing_member(field)),
            Val::Null => Err(Stop::Absent(null_of(operand))),
            other => Err(no_member(field, &other)),
        }
    }

    fn has(&self, operand: &'a Node, field: &'a str, locals: Locals<'_, 'a>) -> Evaluated<'a> {
        let has = match self.node(operand, locals)? {
            Val::Optional(None) => false,
            Val::Optional(Some(value)) => match &*value {
                Val::Map(map) => map.member(field).is_some(),
                other => return Err(no_member(field, other)),
            },
            Val::Map(map) => map.member(field).is_some(),
            Val::Null => return Err(Stop::Absent(null_of(operand))),
            other => return Err(no_member(field, &other)),
        };
        Ok(Val::Bool(has))
    }

    fn optional_select(
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

    fn index(&self, operands: &'a [Node; 2], locals: Locals<'_, 'a>) -> Evaluated<'a> {
        let [operand, index] = operands;
        let value = self.node(operand, locals)?;
        let index = self.node(index, locals)?;
        match value {
            Val::Optional(None) => Ok(Val::Optional(None)),
            Val::Optional(Some(value)) => Ok(optional(element(&value, &index).ok())),
            Val::Null => Err(Stop::Absent(null_of(operand))),
            value => element(&value, &index),
        }
    }

    fn optional_index(&self, operands: &'a [Node; 2], locals: Locals<'_, 'a>) -> Evaluated<'a> {
        let [operand, index] = operands;
        let value = self.node(operand, locals)?;
        let index = self.node(index, locals)?;
        Ok(match value {
            Val::Optional(None) => Val::Optional(None),
            Val::Optional(Some(value)) => optional(element(&value, &index).ok()),
            value => optional(element(&value, &index).ok()),
        })
    }

    fn fold(&self, fold: &'a Fold, outer: Locals<'_, 'a>) -> Evaluated<'a> {
        match self.node(&fold.range, outer)? {
            Val::List(list) => self.fold_over(fold, list.iter(), list.len(), outer),
            Val::Map(map) => {
                let keys = map.keys(self.budget)?;
                let number = keys.len();
                self.fold_over(fold, keys.into_iter().map(Key::into_value), number, outer)
            }
            Val::Null => Err(Stop::Absent(null_of(&fold.range))),
            other => Err(no_fit(fold.kind.as_str(), &other)),
        }
    }

    fn fold_over(
        &self,
        fold: &'a Fold,
        elements: impl Iterator<Item = Val<'a>>,
        number: usize,
        outer: Locals<'_, 'a>,
    ) -> Evaluated<'a> {
        match fold.kind {
            FoldKind::All => self.decide(fold, elements, outer, false),
            FoldKind::Exists => self.decide(fold, elements, outer, true),
            FoldKind::ExistsOne => {
                let mut found = 0_usize;
                for value in elements {
                    let scope = Scope { value, outer };
                    found += usize::from(self.flag(&fold.body, Some(&scope), "exists_one")?);
                }
                Ok(Val::Bool(found == 1))
            }
            FoldKind::Map => {
                self.budget
                    .make(number.saturating_mul(size_of::<Val<'_>>()))?;
                let mut values = Vec::with_capacity(number);
                for value in elements {
                    let scope = Scope { value, outer };
                    let taken = match &fold.guard {
                        Some(guard) => self.flag(guard, Some(&scope), "filter")?,
                        None => true,
                    };
                    if taken {
                        values.push(self.node(&fold.body, Some(&scope))?);
                    }
                }
                Ok(Val::list(values))
            }
        }
    }

    /// `all` and `exists`: one element can decide even where others have no value.
    fn decide(
        &self,
        fold: &'a Fold,
        elements: impl Iterator<Item = Val<'a>>,
        outer: Locals<'_, 'a>,
        deciding: bool,
    ) -> Evaluated<'a> {
        let mut pending: Option<Stop<'a>> = None;
        for value in elements {
            let scope = Scope { value, outer };
            match self.flag(&fold.body, Some(&scope), fold.kind.as_str()) {
                Ok(flag) if flag == deciding => return Ok(Val::Bool(deciding)),
                Ok(_) => {}
                Err(stop) if self.budget.is_exhausted() => return Err(stop),
                Err(stop) => {
                    pending = Some(match pending {
                        Some(earlier) => earlier.worse(stop),
                        None => stop,
                    });
                }
            }
        }
        pending.map_or(Ok(Val::Bool(!deciding)), Err)
    }
}

impl FoldKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Exists => "exists",
            Self::ExistsOne => "exists_one",
            Self::Map => "map",
        }
    }
}

/// What a macro has bound; the tree holds no other numbers.
fn local<'a>(depth: usize, locals: Locals<'_, 'a>) -> Val<'a> {
    let mut scope = locals;
    for _ in 0..depth {
        scope = scope.and_then(|scope| scope.outer);
    }
    scope.map_or(Val::Null, |scope| scope.value.clone())
}

fn optional(value: Option<Val<'_>>) -> Val<'_> {
    Val::Optional(value.map(Rc::new))
}

/// An element or entry as it is kept: without a value it is left out.
fn present(value: Val<'_>, is_optional: bool) -> Option<Val<'_>> {
    match value {
        Val::Optional(value) if is_optional => value.map(|value| (*value).clone()),
        value => Some(value),
    }
}

fn element<'a>(value: &Val<'a>, index: &Val<'a>) -> Evaluated<'a> {
    match value {
        Val::List(list) => {
            let at = match index {
                Val::Int(at) => usize::try_from(*at).ok(),
                Val::UInt(at) => usize::try_from(*at).ok(),
                Val::Double(at) => {
                    let at = super::value::whole(*at).ok_or_else(|| no_fit("[]", index))?;
                    usize::try_from(at).ok()
                }
                other => return Err(no_fit("[]", other)),
            };
            at.and_then(|at| list.get(at))
                .ok_or(Stop::Absent(Absence::Element))
        }
        Val::Map(map) => {
            let key = match (Key::sought(index), index) {
                (Some(key), _) => key,
                (None, Val::Double(_)) => return Err(Stop::Absent(Absence::Key)),
                (None, other) => return Err(no_fit("[]", other)),
            };
            map.get(&key).ok_or(Stop::Absent(Absence::Key))
        }
        Val::Null => Err(Stop::Absent(Absence::Nothing)),
        other => Err(no_fit("[]", other)),
    }
}

/// What is null, so that it has no members.
fn null_of(node: &Node) -> Absence<'_> {
    match node {
        Node::Variable(variable) => Absence::Variable(*variable),
        Node::Select(_, field) => Absence::Null(field),
        _ => Absence::Nothing,
    }
}

fn missing_member(field: &str) -> Stop<'_> {
    Stop::Absent(Absence::Member(Text::Borrowed(field)))
}

fn no_member<'a>(field: &str, value: &Val<'_>) -> Stop<'a> {
    Failure::Type(Cow::Owned(format!(".{field}")), value.type_name().into()).into()
}

pub(super) fn no_fit<'a>(operation: &'static str, value: &Val<'_>) -> Stop<'a> {
    Failure::Type(operation.into(), value.type_name().into()).into()
}
