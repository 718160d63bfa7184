//! CEL expressions over a registration, compiled when the policy is read.
//!
//! Language: <https://github.com/google/cel-spec>, parsed by `cel`. Problems that do not depend on
//! a request are found when the policy is read; an evaluation has a budget. Certificate and payload
//! are parsed at most once a registration, and only where an expression names them.

mod assumed;
mod budget;
mod call;
mod check;
mod comparison;
mod compiled;
mod device_view;
mod evaluate;
mod function;
mod given;
mod hub_view;
mod inputs;
mod kinds;
mod lower;
mod members;
mod no_value;
mod operate;
mod outcome;
mod pattern;
mod problem;
mod purpose;
mod time;
mod tree;
mod types;
mod value;
mod variable;

pub use device_view::DeviceView;

pub(crate) use budget::Budget;
pub(crate) use comparison::{Comparison, Listed, Test};
pub(crate) use compiled::Expression;
pub(crate) use hub_view::HubView;
pub(crate) use inputs::{Inputs, Unreadable};
pub(crate) use outcome::{Failure, NoAnswer, Outcome};
pub(crate) use pattern::PatternBudget;
pub(crate) use problem::Problem;
pub(crate) use purpose::Purpose;

#[cfg(test)]
mod tests;
