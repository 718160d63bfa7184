//! How the cost of an expression grows with what a device sends.

use crate::expression::budget::{BYTES, STEPS};
use crate::expression::function::Function;
use crate::expression::problem::Problem;
use crate::expression::tree::Operator;
use crate::expression::variable::Variable;

/// `size` and `steps` are exponents of the size of payload and certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    /// The size of the value.
    size: u32,
    /// The steps for making it.
    steps: u32,
    /// How often its macros repeat something, by the lists that it spells out.
    repetitions: usize,
    /// The number of elements of a list that the expression spells out, else 1.
    elements: usize,
}

impl Cost {
    pub(super) const NONE: Self = Self {
        size: 0,
        steps: 0,
        repetitions: 1,
        elements: 1,
    };

    pub(super) fn of_variable(variable: Variable) -> Self {
        let device = matches!(variable, Variable::Payload | Variable::Cert);
        Self {
            size: u32::from(device),
            ..Self::NONE
        }
    }

    /// The cost of a value that holds both.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            size: self.size.max(other.size),
            steps: self.steps.max(other.steps),
            repetitions: self.repetitions.saturating_add(other.repetitions),
            elements: 1,
        }
    }

    /// A list that the expression spells out.
    pub(super) fn of_elements(self, elements: usize) -> Self {
        Self { elements, ..self }
    }

    /// The size of the index does not matter.
    pub(super) fn with_index(self, index: Self) -> Self {
        Self {
            size: self.size,
            ..self.with(index)
        }
    }

    /// The cost of a bool that is computed from the value.
    pub(super) fn of_flag(self) -> Self {
        Self {
            size: 0,
            steps: self.steps.max(self.size),
            ..self
        }
    }

    /// The elements of a list together are no larger than the list.
    pub(super) fn of_element(self) -> Self {
        Self {
            size: self.size.saturating_sub(1),
            ..Self::NONE
        }
    }

    /// The cost of a macro over this value.
    pub(super) fn of_macro(self, step: Self) -> Self {
        Self {
            size: self.size + step.size,
            steps: self.steps.max(self.size + step.steps),
            repetitions: self
                .repetitions
                .saturating_add(self.elements.saturating_mul(step.repetitions)),
            elements: self.elements,
        }
    }

    pub(super) fn of_operator(operator: Operator, [left, right]: [Self; 2]) -> Self {
        let both = left.with(right);
        let (size, read) = match operator {
            Operator::Add => (both.size, both.size),
            Operator::In => (0, right.size),
            // Comparing ends where the shorter one does.
            _ => (0, left.size.min(right.size)),
        };
        Self {
            size,
            steps: both.steps.max(read),
            ..both
        }
    }

    pub(super) fn of_call(function: Function, arguments: &[Self]) -> Self {
        let all = arguments
            .iter()
            .copied()
            .reduce(Self::with)
            .unwrap_or(Self::NONE);
        let sum: u32 = arguments.iter().map(|argument| argument.size).sum();
        let (size, read) = match (function, arguments) {
            (Function::Replace | Function::Join, _) => (sum, sum),
            // Compiling a pattern that a device sends is more work than anything else.
            (Function::Matches, [_, pattern]) if pattern.size > 0 => (0, 2),
            (
                Function::Contains
                | Function::EndsWith
                | Function::IndexOf
                | Function::LastIndexOf
                | Function::Matches
                | Function::Size
                | Function::StartsWith,
                _,
            ) => (0, all.size),
            // Nothing is copied.
            (
                Function::Dyn
                | Function::HasValue
                | Function::Or
                | Function::OrValue
                | Function::Type
                | Function::Value,
                _,
            ) => (all.size, 0),
            _ => (all.size, all.size),
        };
        Self {
            size,
            steps: all.steps.max(read),
            ..all
        }
    }

    /// Whether the value grows with what a device sends.
    pub(super) fn grows(self) -> bool {
        self.size > 0
    }

    /// The problem with this cost, if there is one.
    pub(super) fn problem(self) -> Option<Problem> {
        let limits = format!("an evaluation fails after {STEPS} steps or {BYTES} bytes of values");
        if self.repetitions > STEPS {
            let rule = format!("it repeats something {} times; {limits}", self.repetitions);
            return Some(Problem::warning(
                rule,
                "list fewer elements, or nest fewer macros",
            ));
        }
        if self.steps.max(self.size) < 2 {
            return None;
        }
        Some(Problem::warning(
            format!("its cost grows with the square of what a device sends; {limits}"),
            "do not read the payload inside a macro over the payload, and replace or join only \
             with texts of your own",
        ))
    }
}
