//! What can be said about an expression without a request: types, members, values, cost.

mod access;
mod call;
mod compare;
mod cost;
mod describe;
mod known;
mod node;
mod suggestion;
mod text;

use super::comparison::Comparison;
use super::problem::Problem;
use super::tree::Node;
use super::types::Type;
use known::Check;

/// What is known, and what is wrong.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) gives: Type,
    pub(super) truth: Option<bool>,
    /// What can never work.
    pub(super) errors: Vec<Problem>,
    /// Comparisons that can only have one result.
    pub(super) constant: Vec<Problem>,
    /// What may cost too much.
    pub(super) expensive: Vec<Problem>,
    /// What only the tables can judge.
    pub(super) comparisons: Vec<Comparison>,
}

pub(super) fn check(node: &Node) -> Checked {
    let mut check = Check::default();
    let known = check.node(node);
    check.expensive.extend(known.cost.problem());
    Checked {
        gives: known.gives,
        truth: known.truth,
        errors: check.errors,
        constant: check.constant,
        expensive: check.expensive,
        comparisons: check.comparisons,
    }
}
