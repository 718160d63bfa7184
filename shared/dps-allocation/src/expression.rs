//! CEL expressions over a registration, compiled when the policy is read.
//!
//! Language: <https://github.com/google/cel-spec>, parsed by `cel`. What can be said about an
//! expression is said when the policy is read; an evaluation has a budget. Certificate and payload
//! are read at most once a registration, and only where an expression names them.

mod budget;
mod call;
mod check;
mod evaluate;
mod function;
mod inputs;
mod kinds;
mod lower;
mod operate;
mod outcome;
mod pattern;
mod problem;
mod record;
mod tree;
mod types;
mod value;
mod variable;

use std::fmt;
use std::sync::LazyLock;

use cel::Env;

use evaluate::{Absence, Evaluator, Stop};
use kinds::Kinds;
use tree::Node;
use variable::Variable;

pub(crate) use budget::Budget;
pub use inputs::DeviceView;
pub(crate) use inputs::{Inputs, Unreadable};
pub(crate) use outcome::{Failure, NoAnswer, Outcome};
pub(crate) use problem::Problem;

/// A compiled expression.
pub(crate) struct Expression {
    source: Box<str>,
    node: Node,
    variables: Vec<Variable>,
    /// Whether it names a part of the request that no log holds, whatever the request.
    unlogged: bool,
    checked: check::Checked,
}

/// What the value of an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// True or false.
    Condition,
    /// The id of a tenant.
    Tenant,
    /// A place.
    Location,
    /// A member of a twin or a reply.
    Member,
}

impl Use {
    /// What it can be made of.
    fn takes(self) -> Kinds {
        let text = Kinds::TEXT.or(Kinds::INT).or(Kinds::UINT);
        match self {
            Self::Condition => Kinds::BOOL,
            Self::Tenant => text,
            Self::Location => text.or(Kinds::LIST).or(Kinds::MAP),
            Self::Member => Kinds::ANY.without(Kinds::OPTIONAL),
        }
    }
}

/// Longest expression, in bytes: far beyond what a person writes, far below what could exhaust
/// the parser's stack by nesting.
const MAX_LENGTH: usize = 2000;

/// Its macros and its syntax; its functions are not called.
static ENV: LazyLock<Env> = LazyLock::new(Env::stdlib);

impl Expression {
    /// Compiles an expression.
    ///
    /// # Errors
    /// What can never work, whatever the expression is for.
    pub(crate) fn compile(source: &str) -> Result<Self, Vec<Problem>> {
        let mut expression = Self::read(source)?;
        let errors = std::mem::take(&mut expression.checked.errors);
        if errors.is_empty() {
            Ok(expression)
        } else {
            Err(errors)
        }
    }

    /// Compiles an expression, whatever its types.
    fn read(source: &str) -> Result<Self, Vec<Problem>> {
        if source.len() > MAX_LENGTH {
            let length = source.len();
            return Err(vec![Problem::error(
                format!("the expression has {length} bytes; {MAX_LENGTH} are allowed"),
                "write several rows with shorter ones",
            )]);
        }
        let parsed = ENV
            .parser()
            .parse(source)
            .map_err(|errors| vec![problem::syntax(source, &errors.to_string())])?;
        let node = lower::lower(&parsed).map_err(|problem| vec![problem])?;
        let checked = check::check(&node);
        let mut variables = Vec::new();
        // Of an enrollment, all but its device id is logged.
        let (mut as_written, mut of_enrollment, mut logged) = (false, 0, 0);
        node.for_each(&mut |node| match node {
            Node::Variable(variable) => {
                as_written |= *variable == Variable::RegistrationIdAsWritten;
                of_enrollment += usize::from(*variable == Variable::Enrollment);
                if !variables.contains(variable) {
                    variables.push(*variable);
                }
            }
            Node::Select(operand, field)
            | Node::Has(operand, field)
            | Node::OptionalSelect(operand, field) => {
                let member = matches!(**operand, Node::Variable(Variable::Enrollment));
                logged += usize::from(member && &**field != "deviceId");
            }
            _ => {}
        });
        Ok(Self {
            source: source.into(),
            node,
            variables,
            unlogged: as_written || of_enrollment > logged,
            checked,
        })
    }

    /// What else is wrong with it where it has that use.
    pub(crate) fn problems(&self, used: Use) -> Vec<Problem> {
        let check::Checked {
            gives,
            truth,
            idle,
            expensive,
            ..
        } = &self.checked;
        if !gives.kinds.meets(used.takes()) {
            return vec![self.misused(used, gives.kinds)];
        }
        let mut problems = idle.clone();
        if used == Use::Condition && *truth == Some(false) && !idle.is_empty() {
            for problem in &mut problems {
                problem.severity = crate::finding::Severity::Error;
                problem.rule = format!("`{}` is never true: {}", self.source, problem.rule);
            }
        }
        problems.extend(expensive.iter().cloned());
        problems
    }

    fn misused(&self, used: Use, kinds: Kinds) -> Problem {
        let (source, takes) = (&self.source, used.takes());
        let help = match used {
            _ if kinds == Kinds::OPTIONAL => "add `.orValue(..)` with a default",
            Use::Condition => "compare it with something, as in `payload.x == 3`",
            Use::Tenant | Use::Location => "give a text, such as `payload.site`",
            Use::Member => "give a value that has a form in JSON",
        };
        let rule = match used {
            Use::Condition => format!("`{source}` gives {kinds}, and a condition is a bool"),
            Use::Member => format!("`{source}` gives {kinds}, which has no form in JSON"),
            Use::Tenant | Use::Location => {
                format!("`{source}` gives {kinds}, and {takes} is needed")
            }
        };
        Problem::error(rule, help)
    }

    /// The text of the expression.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it names a part of the request that no log may hold, and that the request has.
    pub(crate) fn reads_withheld(&self, inputs: &Inputs<'_>) -> bool {
        self.unlogged
            || self.variables.iter().any(|variable| match variable {
                Variable::Payload => inputs.registration.payload.is_some(),
                Variable::Cert => inputs.has_certificate(),
                _ => false,
            })
    }

    /// Evaluates the expression with a budget of its own, within that of the decision.
    ///
    /// Only what reads withheld parts counts for the decision: nothing else grows with what a device
    /// sends, and a replay, which reads none of them, must come to the same.
    ///
    /// # Errors
    /// [`Unreadable`] when it names the certificate or the payload, and that is broken.
    pub(crate) fn evaluate(&self, inputs: &Inputs<'_>) -> Result<Outcome, Unreadable> {
        if !self.reads_withheld(inputs) {
            return self.evaluate_within(inputs, &Budget::default());
        }
        let left = inputs.steps_left.get();
        let budget = Budget::within(left);
        let before = budget.steps_left();
        let outcome = self.evaluate_within(inputs, &budget);
        let spent = before - budget.steps_left();
        inputs.steps_left.set(left - spent);
        outcome.map(|outcome| match outcome {
            Outcome::Failed(Failure::OverBudget) if left == spent => {
                Outcome::Failed(Failure::DecisionOverBudget)
            }
            outcome => outcome,
        })
    }

    /// Evaluates the expression with what is left of a budget.
    ///
    /// # Errors
    /// [`Unreadable`] when it names the certificate or the payload, and that is broken.
    pub(crate) fn evaluate_within(
        &self,
        inputs: &Inputs<'_>,
        budget: &Budget,
    ) -> Result<Outcome, Unreadable> {
        for variable in &self.variables {
            inputs.readable(*variable)?;
        }
        let evaluator = Evaluator { inputs, budget };
        let json = evaluator.value(&self.node).and_then(|value| {
            let json = value.to_json(budget)?;
            json.filter(|json| !json.is_null())
                .ok_or(Stop::Absent(Absence::Nothing))
        });
        Ok(match json {
            Ok(json) => Outcome::Value(json),
            Err(Stop::Absent(absence)) => Outcome::Absent(absence.into()),
            Err(Stop::Failed(failure)) => Outcome::Failed(failure),
        })
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.source, f)
    }
}

#[cfg(test)]
mod tests;
