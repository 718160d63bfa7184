//! CEL expressions over a registration, compiled when the policy is read.
//!
//! Language: <https://github.com/google/cel-spec>. Values are made only for the variables that an
//! expression names, and certificate and payload are read at most once a registration.

mod bound;
mod inputs;

use std::fmt;
use std::sync::{Arc, LazyLock};

use cel::{Context, Env, Program, Value, extensions};

pub use inputs::DeviceView;
pub(crate) use inputs::{Inputs, Unreadable};

/// A compiled expression.
pub(crate) struct Expression {
    source: Box<str>,
    program: Program,
    variables: Vec<Variable>,
}

/// What an expression may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    RegistrationId,
    Enrollment,
    Attestation,
    Cert,
    IotEdge,
    Payload,
    CurrentHub,
    Tenant,
    Device,
}

impl Variable {
    const ALL: [Self; 9] = [
        Self::RegistrationId,
        Self::Enrollment,
        Self::Attestation,
        Self::Cert,
        Self::IotEdge,
        Self::Payload,
        Self::CurrentHub,
        Self::Tenant,
        Self::Device,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::RegistrationId => "registrationId",
            Self::Enrollment => "enrollment",
            Self::Attestation => "attestation",
            Self::Cert => "cert",
            Self::IotEdge => "iotEdge",
            Self::Payload => "payload",
            Self::CurrentHub => "currentHub",
            Self::Tenant => "tenant",
            Self::Device => "device",
        }
    }
}

/// Why a text is not an expression that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExpressionError {
    #[error("`{0}` does not compile: {1}")]
    Syntax(String, String),
    #[error("`{0}` names `{1}`, which does not exist")]
    Variable(String, String),
    #[error("`{0}` calls `{1}`, which does not exist")]
    Function(String, String),
    #[error("the expression has {0} characters; {MAX_LENGTH} are allowed")]
    TooLong(usize),
}

/// Longest expression, in bytes: far beyond what a person writes, far below what could exhaust
/// the parser's stack by nesting.
const MAX_LENGTH: usize = 2000;

/// What to do about any [`ExpressionError`].
pub(crate) const HELP: &str = "write a CEL expression over registrationId, enrollment, \
    attestation, cert, iotEdge, payload, currentHub, tenant and device";

/// The functions of CEL's standard library and its strings extension, as `cel` provides them.
///
/// Operators are functions too; their names begin with `_`, `!`, `-` or `@`.
const FUNCTIONS: [&str; 29] = [
    "bool",
    "bytes",
    "charAt",
    "contains",
    "double",
    "dyn",
    "endsWith",
    "format",
    "hasValue",
    "indexOf",
    "int",
    "join",
    "lastIndexOf",
    "lowerAscii",
    "matches",
    "or",
    "orValue",
    "replace",
    "reverse",
    "size",
    "split",
    "startsWith",
    "string",
    "substring",
    "trim",
    "type",
    "uint",
    "upperAscii",
    "value",
];

/// The names of CEL's types, for comparisons such as `type(payload.n) == int`.
const TYPES: [&str; 10] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
];

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    // Fails only for names that are taken; the test of `FUNCTIONS` calls what it adds.
    let _ = env.add_extension(extensions::strings);
    Arc::new(env)
});

/// What an expression gave.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Value(Value),
    /// A key was missing, or an operation did not fit the values; says which.
    Absent(String),
}

impl Expression {
    /// Compiles an expression.
    ///
    /// # Errors
    /// [`ExpressionError`] quotes the expression and says what is wrong.
    pub(crate) fn compile(source: &str) -> Result<Self, ExpressionError> {
        if source.len() > MAX_LENGTH {
            return Err(ExpressionError::TooLong(source.len()));
        }
        let program = ENV.compile(source).map_err(|errors| {
            let message = errors.to_string();
            let first = message.lines().next().unwrap_or_default();
            ExpressionError::Syntax(source.to_owned(), first.to_owned())
        })?;
        let references = program.references();
        let bound = bound::names(program.expression());
        for name in references.variables() {
            let known = Variable::ALL
                .iter()
                .any(|variable| variable.as_str() == name);
            if !known && !TYPES.contains(&name) && !bound.contains(&name) {
                return Err(ExpressionError::Variable(
                    source.to_owned(),
                    name.to_owned(),
                ));
            }
        }
        for name in references.functions() {
            let operator = name.starts_with(['_', '!', '-', '@']);
            if !operator && !FUNCTIONS.contains(&name) {
                return Err(ExpressionError::Function(
                    source.to_owned(),
                    name.to_owned(),
                ));
            }
        }
        let named = |variable: &Variable| references.has_variable(variable.as_str());
        let variables = Variable::ALL.into_iter().filter(named).collect();
        drop(references);
        Ok(Self {
            source: source.into(),
            program,
            variables,
        })
    }

    /// The text of the expression.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it names a part of the request that no log may hold, and that the request has.
    pub(crate) fn reads_withheld(&self, inputs: &Inputs<'_>) -> bool {
        self.variables.iter().any(|variable| match variable {
            Variable::Payload => inputs.registration.payload.is_some(),
            Variable::Cert => inputs.has_certificate(),
            _ => false,
        })
    }

    /// Evaluates the expression; a missing key makes the value absent.
    ///
    /// # Errors
    /// [`Unreadable`] when it names the certificate or the payload, and that is broken.
    pub(crate) fn evaluate(&self, inputs: &Inputs<'_>) -> Result<Outcome, Unreadable> {
        let mut context = Context::with_env(Arc::clone(&ENV));
        for variable in &self.variables {
            context.add_variable_from_value(variable.as_str(), inputs.value(*variable)?);
        }
        Ok(match self.program.execute(&context) {
            Ok(Value::Null) => Outcome::Absent("it is null".to_owned()),
            Ok(value) => Outcome::Value(value),
            // The messages of some errors quote values, which may be a payload's.
            Err(cel::ExecutionError::NoSuchKey(key)) => {
                Outcome::Absent(format!("there is no `{key}`"))
            }
            Err(_type_error) => Outcome::Absent("it does not fit the values".to_owned()),
        })
    }
}

impl Outcome {
    /// The text of a string or whole number, for ids and locations.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Value(Value::String(text)) => Some(text.to_string()),
            Self::Value(Value::Int(number)) => Some(number.to_string()),
            Self::Value(Value::UInt(number)) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Why there is no usable value, for the reasons.
    pub(crate) fn absence(&self) -> &str {
        match self {
            Self::Absent(why) => why,
            Self::Value(_) => "it has another type",
        }
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.source, f)
    }
}

#[cfg(test)]
mod tests;
