//! Evaluation, within a budget.
//!
//! The engine uses `cel` only to parse: its interpreter has no limit, copies the values that it
//! works on, and puts copies of them into its errors. Here, everything that grows with a value
//! takes from the budget first.

mod access;
mod evaluator;
mod fold;
mod node;

pub(super) use evaluator::Evaluator;
