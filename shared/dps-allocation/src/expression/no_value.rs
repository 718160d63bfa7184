//! Why the evaluation of an expression gives no value.

use std::borrow::Cow;

use super::outcome::Failure;
use super::value::{Val, ValText};
use super::variable::Variable;

/// Why there is no value.
#[derive(Clone, Debug)]
pub(super) enum NoValue<'a> {
    Absent(Absence<'a>),
    Failed(Failure),
}

/// What is missing.
#[derive(Clone, Debug)]
pub(super) enum Absence<'a> {
    Variable(Variable),
    /// The member of this name is null, so that it has no members.
    Null(&'a str),
    Nothing,
    Member(ValText<'a>),
    Key,
    Element,
    OptionalValue,
}

pub(super) type Evaluated<'a, T = Val<'a>> = Result<T, NoValue<'a>>;

impl From<Failure> for NoValue<'_> {
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

impl NoValue<'_> {
    /// Of two operands without a value: a failure outranks an absence.
    pub(super) fn worse(self, other: Self) -> Self {
        match self {
            Self::Failed(_) => self,
            Self::Absent(_) => other,
        }
    }
}

/// An operation does not fit the type of a value.
pub(super) fn type_mismatch<'a>(operation: &'static str, value: &Val<'_>) -> NoValue<'a> {
    Failure::Type(operation.into(), value.type_name().into()).into()
}
