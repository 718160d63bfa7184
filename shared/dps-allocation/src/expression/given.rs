//! The texts that stand in an expression and that it can give.

use super::function::Function;
use super::tree::{Literal, Node};

/// Adds the texts that the node can give as they stand there.
pub(super) fn texts<'n>(node: &'n Node, found: &mut Vec<&'n str>) {
    match node {
        Node::Literal(Literal::Text(text)) if !found.contains(&&**text) => found.push(text),
        Node::Conditional(operands) => {
            let [_, yes, no] = &**operands;
            texts(yes, found);
            texts(no, found);
        }
        // The value comes from elsewhere, the default may stand here.
        Node::Call(signature, arguments) if signature.function == Function::OrValue => {
            arguments.iter().for_each(|node| texts(node, found));
        }
        Node::Index(operands) | Node::OptionalIndex(operands) => {
            let [container, _] = &**operands;
            match container {
                Node::Map(entries) => entries.iter().for_each(|it| texts(&it.value, found)),
                Node::List(items) => items.iter().for_each(|it| texts(&it.node, found)),
                _ => {}
            }
        }
        _ => {}
    }
}
