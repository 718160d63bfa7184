//! The state of an evaluation.

use crate::expression::budget::Budget;
use crate::expression::inputs::Inputs;
use crate::expression::value::Val;

/// The values that macros bind, the innermost first.
pub(super) struct Scope<'s, 'a> {
    pub(super) value: Val<'a>,
    pub(super) outer: Option<&'s Scope<'s, 'a>>,
}

pub(super) type Locals<'s, 'a> = Option<&'s Scope<'s, 'a>>;

pub(crate) struct Evaluator<'a, 'i> {
    pub(crate) inputs: &'a Inputs<'i>,
    pub(crate) budget: &'a Budget,
}
