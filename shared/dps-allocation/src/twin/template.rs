//! A JSON object in which strings may hold `${expression}`.

mod compile;
mod part;
mod render;

use std::fmt;

use serde_json::{Map, Value};

use super::merge::merge;
use crate::document::Object;
use crate::expression::{Budget, Expression, Inputs, PatternBudget, Problem, Unreadable};
use crate::parts::Parts;
use compile::{compile_members, has_expression};
use part::Part;
use render::{merge_members, render_members};

/// A JSON object with expressions inside its strings; `Debug` hides it.
pub(crate) enum Template {
    /// No expression in it.
    Fixed(Map<String, Value>),
    Rendered(Vec<(String, Part)>),
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Template(..)")
    }
}

impl Template {
    /// Compiles the expressions of a template; none if one of them can never work.
    ///
    /// Each problem names the member that holds the expression.
    pub(crate) fn compile(
        object: Map<String, Value>,
        patterns: &PatternBudget,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        if !object.values().any(has_expression) {
            return Some(Self::Fixed(object));
        }
        compile_members(object, "", patterns, problems).map(Self::Rendered)
    }

    /// The object, if it has no expression.
    pub(crate) fn fixed(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Fixed(object) => Some(object),
            Self::Rendered(_) => None,
        }
    }

    /// Calls `each` for every expression.
    pub(crate) fn for_each_expression(&self, each: &mut impl FnMut(&Expression)) {
        if let Self::Rendered(members) = self {
            for (_, part) in members {
                part.for_each(each);
            }
        }
    }

    /// Whether it has an expression that reads one of these parts.
    pub(crate) fn reads(&self, parts: Parts) -> bool {
        let mut reads = false;
        self.for_each_expression(&mut |expression| reads |= expression.reads(parts));
        reads
    }

    /// Evaluates every expression; members whose value is absent are left out.
    ///
    /// # Errors
    /// [`Unreadable`] when an expression names a part of the request that is broken.
    pub(crate) fn render(
        &self,
        inputs: &Inputs<'_>,
        budget: &Budget,
    ) -> Result<Map<String, Value>, Unreadable> {
        match self {
            Self::Fixed(object) => Ok(object.clone()),
            Self::Rendered(members) => render_members(members, inputs, budget),
        }
    }

    /// Merges the template onto the lower layers: what the operator writes by JSON merge patch, what
    /// an expression gives only at its own member.
    ///
    /// # Errors
    /// [`Unreadable`] when an expression names a part of the request that is broken.
    pub(super) fn merge_onto<'p>(
        &'p self,
        target: &mut Object<'p>,
        inputs: &Inputs<'_>,
        budget: &Budget,
    ) -> Result<(), Unreadable> {
        match self {
            Self::Fixed(object) => merge(target, object),
            Self::Rendered(members) => merge_members(members, target, inputs, budget)?,
        }
        Ok(())
    }
}
