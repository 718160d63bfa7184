//! What an expression takes for granted: that the device sends a payload, or has a certificate or a row.

use super::tree::{Literal, Node, Operator};
use super::variable::Variable;

/// The payload, the certificate or the device's row, if the expression reads it without saying what a
/// missing one means: with `has(..)`, `?`, or a comparison with `null`.
pub(super) fn assumed(node: &Node) -> Option<Variable> {
    let parts = [Variable::Payload, Variable::Cert, Variable::Device];
    parts.into_iter().find(|variable| {
        let (mut reads, mut says) = (false, false);
        node.for_each(&mut |node| {
            reads |= is(node, *variable);
            says |= says_of(node, *variable);
        });
        reads && !says
    })
}

fn says_of(node: &Node, variable: Variable) -> bool {
    match node {
        Node::Has(operand, _) | Node::OptionalSelect(operand, _) => root(operand, variable),
        Node::OptionalIndex(operands) => {
            let [operand, _] = &**operands;
            root(operand, variable)
        }
        Node::Binary(Operator::Equal | Operator::NotEqual, operands) => {
            let is_null = |node: &Node| matches!(node, Node::Literal(Literal::Null));
            let [left, right] = &**operands;
            is_null(left) && root(right, variable) || is_null(right) && root(left, variable)
        }
        _ => false,
    }
}

/// Whether a node is a member of the variable, or the variable itself.
fn root(node: &Node, variable: Variable) -> bool {
    match node {
        Node::Select(operand, _) | Node::OptionalSelect(operand, _) => root(operand, variable),
        Node::Index(operands) | Node::OptionalIndex(operands) => {
            let [operand, _] = &**operands;
            root(operand, variable)
        }
        node => is(node, variable),
    }
}

fn is(node: &Node, variable: Variable) -> bool {
    matches!(node, Node::Variable(own) if *own == variable)
}
