//! The conditions of rules and rollouts.

use std::borrow::Cow;
use std::fmt;

use super::context::{Context, Unassigned};
use crate::evidence::Found;
use crate::explanation::RowRef;
use crate::expression::{Expression, Failure, NoAnswer, Outcome};
use crate::schema::Column;

/// Why the condition of a row is not true; becomes text only in explanations.
pub(super) struct NotTrue<'p> {
    source: &'p str,
    why: Why,
}

enum Why {
    False,
    /// Something that it names is missing; says what.
    Absent(Cow<'static, str>),
    Failed(Box<Failure>),
    /// It was false when it was recorded, for a reason that is not.
    Replayed,
}

impl<'p> NotTrue<'p> {
    fn new(expression: &'p Expression, why: Why) -> Self {
        let source = expression.source();
        Self { source, why }
    }

    /// That it could not be evaluated, if that is why.
    pub(super) fn failure(&self) -> Option<String> {
        match &self.why {
            Why::Failed(failure) => Some(failed(self.source, failure)),
            Why::False | Why::Absent(_) | Why::Replayed => None,
        }
    }
}

impl fmt::Display for NotTrue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.source;
        match &self.why {
            Why::False => write!(f, "`{source}` is false"),
            Why::Absent(why) => write!(f, "`{source}` counts as false: {why}"),
            Why::Failed(failure) => write!(f, "{}: counts as not true", failed(source, failure)),
            Why::Replayed => write!(f, "`{source}` did not hold"),
        }
    }
}

fn failed(source: &str, failure: &Failure) -> String {
    format!("`{source}` could not be evaluated: {failure}")
}

impl Context<'_, '_> {
    /// Why the condition in a column of a row is not true; none if it holds.
    pub(super) fn not_true<'p>(
        &mut self,
        expression: &'p Expression,
        column: Column,
        row: impl Fn() -> RowRef,
    ) -> Result<Option<NotTrue<'p>>, Unassigned> {
        if !self.records(expression) {
            let outcome = expression.evaluate(&self.inputs)?;
            return Ok(not_true(expression, outcome));
        }
        let question = || format!("{} {}", row(), column.as_str()).into();
        let recorded = |found: &Found| match found {
            Found::Condition(true) => Some(None),
            Found::Condition(false) => Some(Some(Why::Replayed)),
            Found::ConditionFailed(failure) => Some(Some(Why::Failed(failure.clone().into()))),
            _ => None,
        };
        if let Some(recorded) = self.replayed(question, recorded)? {
            return Ok(recorded.map(|why| NotTrue::new(expression, why)));
        }
        let outcome = self.evaluate(expression, question)?;
        let not_true = not_true(expression, outcome);
        self.record(question, || match &not_true {
            None => Found::Condition(true),
            Some(NotTrue {
                why: Why::Failed(failure),
                ..
            }) => Found::ConditionFailed((**failure).clone()),
            Some(_) => Found::Condition(false),
        });
        Ok(not_true)
    }
}

fn not_true(expression: &Expression, outcome: Outcome) -> Option<NotTrue<'_>> {
    let why = match outcome.condition() {
        Ok(true) => return None,
        Ok(false) => Why::False,
        Err(NoAnswer::Absent(why)) => Why::Absent(why),
        Err(NoAnswer::Failed(failure)) => Why::Failed(failure.into()),
    };
    Some(NotTrue::new(expression, why))
}
