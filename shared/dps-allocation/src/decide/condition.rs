//! The conditions of rules and rollouts.

use super::context::{Context, Unassigned};
use crate::evidence::Found;
use crate::explanation::RowRef;
use crate::expression::{Expression, Failure, NoAnswer, Outcome};
use crate::schema::Column;

/// Whether the condition of a row holds.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Holds,
    /// It is false, or something that it names is missing; says which.
    False(String),
    /// It could not be evaluated; says why.
    Failed(String),
}

impl Condition {
    /// Why the row has no effect; none if the condition holds.
    pub(super) fn why_not(self) -> Option<String> {
        match self {
            Self::Holds => None,
            Self::False(why) => Some(why),
            Self::Failed(why) => Some(format!("{why}: counts as not true")),
        }
    }
}

impl Context<'_, '_> {
    /// Whether the condition in a column of a row holds; without one, it holds for every device.
    pub(super) fn condition(
        &mut self,
        expression: Option<&Expression>,
        column: Column,
        row: impl Fn() -> RowRef,
    ) -> Result<Condition, Unassigned> {
        let Some(expression) = expression else {
            return Ok(Condition::Holds);
        };
        if !self.records(expression) {
            let outcome = expression.evaluate(&self.inputs)?;
            return Ok(condition_of(expression, &outcome));
        }
        let question = || format!("{} {}", row(), column.as_str()).into();
        let condition = |found: &Found| match found {
            Found::Condition(true) => Some(Condition::Holds),
            Found::Condition(false) => {
                let why = format!("`{}` did not hold", expression.source());
                Some(Condition::False(why))
            }
            Found::ConditionFailed(failure) => Some(failed(expression, failure)),
            _ => None,
        };
        if let Some(replayed) = self.replayed(question, condition)? {
            return Ok(replayed);
        }
        let outcome = self.evaluate(expression, question)?;
        self.record(question, || match outcome.condition() {
            Ok(holds) => Found::Condition(holds),
            Err(NoAnswer::Absent(_)) => Found::Condition(false),
            Err(NoAnswer::Failed(failure)) => Found::ConditionFailed(failure.clone()),
        });
        Ok(condition_of(expression, &outcome))
    }
}

fn condition_of(expression: &Expression, outcome: &Outcome) -> Condition {
    let source = expression.source();
    match outcome.condition() {
        Ok(true) => Condition::Holds,
        Ok(false) => Condition::False(format!("`{source}` is false")),
        Err(NoAnswer::Absent(why)) => {
            Condition::False(format!("`{source}` counts as false: {why}"))
        }
        Err(NoAnswer::Failed(failure)) => failed(expression, failure),
    }
}

fn failed(expression: &Expression, failure: &Failure) -> Condition {
    let source = expression.source();
    Condition::Failed(format!("`{source}` could not be evaluated: {failure}"))
}
