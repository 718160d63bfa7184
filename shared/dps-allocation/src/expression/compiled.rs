//! A compiled expression.

use std::fmt;
use std::sync::LazyLock;

use cel::Env;

use super::assumed;
use super::budget::Budget;
use super::check::{self, Checked};
use super::comparison::Comparison;
use super::evaluate::Evaluator;
use super::given;
use super::inputs::{Inputs, Unreadable};
use super::lower;
use super::no_value::{Absence, NoValue};
use super::outcome::{Failure, Outcome};
use super::pattern::PatternBudget;
use super::problem::{self, Problem};
use super::purpose::Purpose;
use super::tree::Node;
use super::variable::Variable;
use crate::finding::Severity;
use crate::parts::{Part, Parts};

/// A compiled expression.
pub(crate) struct Expression {
    source: Box<str>,
    node: Node,
    variables: Vec<Variable>,
    /// Whether it names a part that no log holds and that every request has.
    unlogged: bool,
    /// Whether it may read the attributes of the device's row.
    reads_attributes: bool,
    /// The parts of the request that it may read.
    parts: Parts,
    /// The payload, the certificate or the device's row, read without saying what a missing one means.
    assumed: Option<Variable>,
    pub(super) checked: Checked,
}

/// Longest expression, in bytes: far beyond what a person writes, far below what could exhaust
/// the parser's stack by nesting.
pub(super) const MAX_LENGTH: usize = 2000;

/// The syntax and the macros of CEL; its functions are not called.
static ENV: LazyLock<Env> = LazyLock::new(Env::stdlib);

impl Expression {
    /// Compiles an expression; its patterns count into the budget.
    ///
    /// # Errors
    /// Every problem that makes the expression fail for every purpose.
    pub(crate) fn compile(source: &str, patterns: &PatternBudget) -> Result<Self, Vec<Problem>> {
        let mut expression = Self::read(source, patterns)?;
        let errors = std::mem::take(&mut expression.checked.errors);
        if errors.is_empty() {
            Ok(expression)
        } else {
            Err(errors)
        }
    }

    /// Compiles an expression without checking its types.
    pub(super) fn read(source: &str, patterns: &PatternBudget) -> Result<Self, Vec<Problem>> {
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
        let node = lower::lower(&parsed, patterns).map_err(|problem| vec![problem])?;
        let checked = check::check(&node);
        let mut variables = Vec::new();
        // Of an enrollment, all but its device id is logged.
        let (mut as_written, mut of_enrollment, mut logged) = (false, 0, 0);
        // Of a device's row, all but its attributes is logged.
        let (mut of_device, mut logged_of_device) = (0, 0);
        // A list of devices holds kind and id of the enrollment.
        let mut listed = 0;
        node.for_each(&mut |node| match node {
            Node::Variable(variable) => {
                as_written |= *variable == Variable::RegistrationIdAsWritten;
                of_enrollment += usize::from(*variable == Variable::Enrollment);
                of_device += usize::from(*variable == Variable::Device);
                if !variables.contains(variable) {
                    variables.push(*variable);
                }
            }
            Node::Select(operand, field)
            | Node::Has(operand, field)
            | Node::OptionalSelect(operand, field) => {
                let member = matches!(**operand, Node::Variable(Variable::Enrollment));
                logged += usize::from(member && &**field != "deviceId");
                listed += usize::from(member && matches!(&**field, "id" | "kind"));
                let member = matches!(**operand, Node::Variable(Variable::Device));
                logged_of_device += usize::from(member && &**field != "attributes");
            }
            _ => {}
        });
        Ok(Self {
            assumed: assumed::assumed(&node),
            source: source.into(),
            node,
            parts: parts(&variables, of_enrollment > listed),
            variables,
            unlogged: as_written || of_enrollment > logged,
            reads_attributes: of_device > logged_of_device,
            checked,
        })
    }

    /// The problems of the expression where it has this purpose.
    pub(crate) fn problems(&self, purpose: Purpose) -> Vec<Problem> {
        let Checked {
            gives,
            truth,
            constant,
            expensive,
            ..
        } = &self.checked;
        if purpose != Purpose::Member && self.variables.contains(&Variable::Hub) {
            let rule = format!("`{}` reads `hub`, which is not chosen yet", self.source);
            let help = "use `hub` in twins and replies only; `currentHub` is the hub that the \
                        device has";
            return vec![Problem::error(rule, help)];
        }
        if !gives.kinds.meets(purpose.accepts()) {
            return vec![purpose.misused(&self.source, gives.kinds)];
        }
        let mut problems = constant.clone();
        if purpose == Purpose::Condition && *truth == Some(false) && !constant.is_empty() {
            for problem in &mut problems {
                problem.severity = Severity::Error;
                problem.rule = format!("`{}` is never true: {}", self.source, problem.rule);
            }
        }
        problems.extend(expensive.iter().cloned());
        problems
    }

    /// What it compares with names that the tables list.
    pub(crate) fn comparisons(&self) -> &[Comparison] {
        &self.checked.comparisons
    }

    /// `payload`, `cert` or `device`, if it reads that without saying what a missing one means.
    pub(crate) fn assumed(&self) -> Option<&'static str> {
        self.assumed.map(Variable::as_str)
    }

    /// The texts that stand in it and that it can give.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let mut found = Vec::new();
        given::texts(&self.node, &mut found);
        found
    }

    /// Whether it reads the device's row.
    pub(crate) fn reads_device(&self) -> bool {
        self.variables.contains(&Variable::Device)
    }

    /// Whether it gives the same for every device.
    pub(crate) fn is_constant(&self) -> bool {
        self.variables.is_empty()
    }

    /// Whether what it gives changes with the time.
    pub(crate) fn reads_now(&self) -> bool {
        self.variables.contains(&Variable::Now)
    }

    /// Whether it may read one of these parts of the request.
    pub(crate) fn reads(&self, parts: Parts) -> bool {
        self.parts.meets(parts)
    }

    /// The text of the expression.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it names a part of the request that no log may hold, and that the request has.
    pub(crate) fn reads_withheld(&self, inputs: &Inputs<'_>) -> bool {
        let has_attributes = || {
            let device = inputs.device.as_ref();
            device.is_some_and(|device| device.attributes.is_some())
        };
        self.unlogged
            || self.reads_attributes && has_attributes()
            || self.variables.iter().any(|variable| match variable {
                Variable::Payload => inputs.registration.payload.is_some(),
                Variable::Cert => inputs.has_certificate(),
                _ => false,
            })
    }

    /// Evaluates the expression with a budget of its own, within that of the decision.
    ///
    /// Only expressions that read withheld parts take from the decision's budget: the others do not
    /// grow with what a device sends, and a replay, which reads no withheld part, must take the same.
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
                .ok_or(NoValue::Absent(Absence::Nothing))
        });
        Ok(match json {
            Ok(json) => Outcome::Value(json),
            Err(NoValue::Absent(absence)) => Outcome::Absent(absence.into()),
            Err(NoValue::Failed(failure)) => Outcome::Failed(failure),
        })
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.source, f)
    }
}

/// The parts of a request that these variables stand for.
fn parts(variables: &[Variable], of_enrollment: bool) -> Parts {
    let parts = variables.iter().filter_map(|variable| match variable {
        Variable::Payload => Some(Part::Payload),
        Variable::Cert => Some(Part::Certificate),
        Variable::Attestation => Some(Part::Attestation),
        Variable::IotEdge => Some(Part::IotEdge),
        Variable::RegistrationIdAsWritten => Some(Part::SpellingOfId),
        Variable::Enrollment => of_enrollment.then_some(Part::Enrollment),
        Variable::RegistrationId
        | Variable::CurrentHub
        | Variable::Tenant
        | Variable::Device
        | Variable::Now
        | Variable::Hub => None,
    });
    parts.collect()
}
