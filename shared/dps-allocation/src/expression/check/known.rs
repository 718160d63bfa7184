//! What the check knows of a part of an expression, and what it has found so far.

use super::cost::Cost;
use super::describe::path;
use crate::expression::comparison::{Comparison, Listed, Test};
use crate::expression::kinds::Kinds;
use crate::expression::problem::Problem;
use crate::expression::tree::Node;
use crate::expression::types::Type;

/// What is known of an expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) gives: Type,
    /// Whether it is always true or always false, where it has a value.
    pub(super) truth: Option<bool>,
    pub(super) cost: Cost,
}

#[derive(Debug, Default)]
pub(super) struct Check {
    /// The values that macros bind, the innermost last.
    pub(super) locals: Vec<Known>,
    pub(super) errors: Vec<Problem>,
    pub(super) constant: Vec<Problem>,
    pub(super) expensive: Vec<Problem>,
    pub(super) comparisons: Vec<Comparison>,
}

pub(super) const BOOL: Type = Type::of(Kinds::BOOL);

impl Known {
    pub(super) fn new(gives: Type, cost: Cost) -> Self {
        let truth = None;
        Self { gives, truth, cost }
    }

    pub(super) fn truth(truth: Option<bool>, cost: Cost) -> Self {
        let gives = BOOL;
        Self { gives, truth, cost }
    }
}

impl Check {
    pub(super) fn error(&mut self, rule: String, help: impl Into<String>) {
        self.errors.push(Problem::error(rule, help));
    }

    pub(super) fn constant(&mut self, rule: String, help: impl Into<String>) {
        self.constant.push(Problem::warning(rule, help));
    }

    /// Notes a comparison with a text that the value may have as far as its type says.
    pub(super) fn compares(&mut self, node: &Node, test: Test, with: &str) {
        let given = path(node);
        let listed = given.as_deref().and_then(Listed::of);
        if let (Some(given), Some(listed)) = (given, listed) {
            self.comparisons.push(Comparison {
                listed,
                given,
                test,
                text: with.to_owned(),
            });
        }
    }

    pub(super) fn local(&self, depth: usize) -> Known {
        let at = self.locals.len().checked_sub(depth + 1);
        let known = at.and_then(|at| self.locals.get(at)).copied();
        known.unwrap_or(Known::new(Type::ANY, Cost::NONE))
    }
}
