//! The conditions of rules and rollouts.

use super::{Case, Stop};
use crate::evidence::Found;
use crate::expression::{Expression, Failure, NoAnswer, Outcome};
use crate::trace::RowRef;

/// Why the condition of a row does not hold.
#[derive(Clone, Debug)]
pub(super) enum WhyNot {
    /// It is false, or something that it names is missing; says which.
    False(String),
    /// It could not be evaluated; says why.
    Failed(String),
}

impl WhyNot {
    /// For the reasons of a row that then does nothing.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::False(why) => why,
            Self::Failed(why) => format!("{why}: counts as not true"),
        }
    }
}

impl Case<'_, '_> {
    /// Whether the condition of a row holds; without one, every device meets it.
    pub(super) fn holds(
        &mut self,
        condition: Option<u32>,
        row: impl Fn() -> RowRef,
    ) -> Result<Result<(), WhyNot>, Stop> {
        let policy = self.policy;
        let Some(expression) = condition.and_then(|number| policy.expression(number)) else {
            return Ok(Ok(()));
        };
        if !self.withholds(expression) {
            let outcome = expression.evaluate(&self.inputs)?;
            return Ok(condition_of(expression, &outcome));
        }
        let asked = || format!("{} when", row()).into();
        let condition = |found: &Found| match found {
            Found::Condition(true) => Some(Ok(())),
            Found::Condition(false) => {
                let why = format!("`{}` did not hold", expression.source());
                Some(Err(WhyNot::False(why)))
            }
            Found::ConditionFailed(failure) => Some(Err(failed(expression, failure))),
            _ => None,
        };
        if let Some(held) = self.replayed(asked, condition)? {
            return Ok(held);
        }
        let outcome = self.evaluate(expression, asked)?;
        self.keep(asked, || match outcome.condition() {
            Ok(holds) => Found::Condition(holds),
            Err(NoAnswer::Absent(_)) => Found::Condition(false),
            Err(NoAnswer::Failed(failure)) => Found::ConditionFailed(failure.clone()),
        });
        Ok(condition_of(expression, &outcome))
    }
}

fn condition_of(expression: &Expression, outcome: &Outcome) -> Result<(), WhyNot> {
    let source = expression.source();
    match outcome.condition() {
        Ok(true) => Ok(()),
        Ok(false) => Err(WhyNot::False(format!("`{source}` is false"))),
        Err(NoAnswer::Absent(why)) => {
            Err(WhyNot::False(format!("`{source}` counts as false: {why}")))
        }
        Err(NoAnswer::Failed(failure)) => Err(failed(expression, failure)),
    }
}

fn failed(expression: &Expression, failure: &Failure) -> WhyNot {
    let source = expression.source();
    WhyNot::Failed(format!("`{source}` could not be evaluated: {failure}"))
}
