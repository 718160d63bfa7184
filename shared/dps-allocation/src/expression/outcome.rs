//! The result of an evaluation: a value, an absence or a failure.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What an expression gave.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Never null.
    Value(Json),
    /// Something that it names is missing; says what.
    Absent(Cow<'static, str>),
    /// It could not be evaluated.
    Failed(Failure),
}

/// Why an expression could not be evaluated; never quotes a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Failure {
    /// It costs more than one evaluation may.
    #[error("it costs more than one evaluation may: 100,000 steps, 1 MiB of values")]
    OverBudget,
    /// The evaluations before it have cost what those of one decision may.
    #[error("it and those before it cost more than all of one decision may: 1,000,000 steps")]
    DecisionOverBudget,
    /// An operation met values of other types.
    #[error("`{0}` does not fit the type {1}")]
    Type(Cow<'static, str>, Cow<'static, str>),
    /// An operation met values beyond its range.
    #[error("a value is out of the range of `{0}`")]
    Range(Cow<'static, str>),
    /// It gave a value of another type than its place needs.
    #[error("it gives another type than bool")]
    NotBool,
}

impl Outcome {
    /// The text of a string or whole number, for ids and locations.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Value(Json::String(text)) => Some(text.clone()),
            Self::Value(Json::Number(number)) if !number.is_f64() => Some(number.to_string()),
            _ => None,
        }
    }

    /// Whether it is true; why there is no answer otherwise.
    pub(crate) fn condition(self) -> Result<bool, NoAnswer> {
        match self {
            Self::Value(Json::Bool(holds)) => Ok(holds),
            Self::Value(_) => Err(NoAnswer::Failed(Failure::NotBool)),
            Self::Absent(why) => Err(NoAnswer::Absent(why)),
            Self::Failed(failure) => Err(NoAnswer::Failed(failure)),
        }
    }

    /// The value, whatever its type.
    pub(crate) fn json(&self) -> Option<&Json> {
        match self {
            Self::Value(json) => Some(json),
            Self::Absent(_) | Self::Failed(_) => None,
        }
    }

    /// Why there is no usable value, for the reasons.
    pub(crate) fn absence(&self) -> Cow<'_, str> {
        match self {
            Self::Absent(why) => Cow::Borrowed(why),
            Self::Failed(failure) => Cow::Owned(failure.to_string()),
            Self::Value(_) => Cow::Borrowed("it has another type"),
        }
    }
}

/// Why a condition is neither true nor false.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    Absent(Cow<'static, str>),
    Failed(Failure),
}
