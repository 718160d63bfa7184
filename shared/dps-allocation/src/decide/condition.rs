//! The conditions of rules and rollouts.

use super::{Case, Stop};
use crate::evidence::Found;
use crate::expression::{Expression, Outcome};
use crate::trace::RowRef;

impl Case<'_, '_> {
    /// Whether the condition of a row holds; an absent one always does, an absent value never does.
    pub(super) fn holds(
        &mut self,
        condition: Option<u32>,
        row: impl Fn() -> RowRef,
    ) -> Result<Result<(), String>, Stop> {
        let policy = self.policy;
        let Some(expression) = condition.and_then(|number| policy.expression(number)) else {
            return Ok(Ok(()));
        };
        if !self.withholds(expression) {
            return Ok(condition_of(
                expression,
                &expression.evaluate(&self.inputs)?,
            ));
        }
        let asked = || format!("{} when", row()).into();
        let condition = |found: &Found| match found {
            Found::Condition(holds) => Some(*holds),
            _ => None,
        };
        if let Some(held) = self.replayed(asked, condition)? {
            let why_not = || format!("`{}` did not hold", expression.source());
            return Ok(held.then_some(()).ok_or_else(why_not));
        }
        let outcome = self.evaluate(expression, asked)?;
        let holds = condition_of(expression, &outcome);
        self.keep(asked, || Found::Condition(holds.is_ok()));
        Ok(holds)
    }
}

fn condition_of(expression: &Expression, outcome: &Outcome) -> Result<(), String> {
    match outcome {
        Outcome::Value(cel::Value::Bool(true)) => Ok(()),
        Outcome::Value(cel::Value::Bool(false)) => {
            Err(format!("`{}` is false", expression.source()))
        }
        other => Err(format!(
            "`{}` counts as false: {}",
            expression.source(),
            other.absence()
        )),
    }
}
