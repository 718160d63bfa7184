//! Names of the parts of an expression in messages.

use crate::expression::tree::{Literal, Node};

/// A part of an expression as messages name it.
pub(super) fn describe(node: &Node) -> String {
    path(node).map_or_else(|| "the value".to_owned(), |path| format!("`{path}`"))
}

/// Names and members as an expression writes them; none for what is calculated.
pub(super) fn path(node: &Node) -> Option<String> {
    match node {
        Node::Variable(variable) => Some(variable.as_str().to_owned()),
        Node::Select(operand, field) => Some(format!("{}.{field}", path(operand)?)),
        Node::Index(operands) => match &**operands {
            [operand, Node::Literal(Literal::Text(field))] => {
                Some(format!("{}.{field}", path(operand)?))
            }
            _ => None,
        },
        Node::Literal(Literal::Text(text)) => Some(format!("\"{text}\"")),
        Node::Literal(Literal::Int(number)) => Some(number.to_string()),
        Node::Literal(Literal::Double(number)) => Some(number.to_string()),
        Node::Literal(Literal::Bool(flag)) => Some(flag.to_string()),
        Node::Literal(Literal::Null) => Some("null".to_owned()),
        _ => None,
    }
}
