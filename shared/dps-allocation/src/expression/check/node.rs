//! Checks a node: literals, lists, maps and logical operators.

use super::cost::Cost;
use super::describe::describe;
use super::known::{BOOL, Check, Known};
use crate::expression::kinds::Kinds;
use crate::expression::members;
use crate::expression::tree::{Literal, Node};
use crate::expression::types::Type;

impl Check {
    pub(super) fn node(&mut self, node: &Node) -> Known {
        match node {
            Node::Literal(literal) => literal_of(literal),
            Node::Variable(variable) => {
                Known::new(members::type_of(*variable), Cost::of_variable(*variable))
            }
            Node::Local(depth) => self.local(*depth),
            Node::Type(_) => Known::new(Type::of(Kinds::TYPE), Cost::NONE),
            Node::Select(operand, field) => self.select(operand, field),
            Node::Has(operand, field) => {
                let selected = self.select(operand, field);
                Known::new(BOOL, selected.cost)
            }
            Node::OptionalSelect(operand, field) => {
                let selected = self.select(operand, field);
                Known::new(Type::of(Kinds::OPTIONAL), selected.cost)
            }
            Node::Index(operands) => self.index(operands),
            Node::OptionalIndex(operands) => {
                let known = self.index(operands);
                Known::new(Type::of(Kinds::OPTIONAL), known.cost)
            }
            Node::List(items) => self.list(items.iter().map(|item| &item.node)),
            Node::Map(entries) => {
                let nodes = entries.iter().flat_map(|entry| [&entry.key, &entry.value]);
                let known = self.list(nodes);
                Known::new(Type::of(Kinds::MAP), known.cost)
            }
            Node::Not(operand) => {
                let known = self.flag(operand, "!");
                Known::truth(known.truth.map(|truth| !truth), known.cost)
            }
            Node::Negate(operand) => self.negate(operand),
            Node::And(operands) => self.logical(operands, "&&", false),
            Node::Or(operands) => self.logical(operands, "||", true),
            Node::Conditional(operands) => self.conditional(operands),
            Node::Binary(operator, operands) => self.binary(*operator, operands),
            Node::Call(signature, arguments) => self.call(signature, arguments),
            Node::Matches(operand, pattern) => self.matches(operand, pattern),
            Node::Fold(fold) => self.fold(fold),
        }
    }

    fn list<'n>(&mut self, nodes: impl Iterator<Item = &'n Node>) -> Known {
        let (mut kinds, mut cost, mut count) = (None, Cost::NONE, 0);
        for node in nodes {
            let known = self.node(node);
            let own = known.gives.kinds;
            kinds = Some(kinds.map_or(own, |kinds: Kinds| kinds.or(own)));
            cost = cost.with(known.cost);
            count += 1;
        }
        let gives = Type::list(kinds.unwrap_or(Kinds::ANY));
        Known::new(gives, cost.of_elements(count))
    }

    /// A node that must be true or false.
    pub(super) fn flag(&mut self, node: &Node, operator: &str) -> Known {
        let known = self.node(node);
        if !known.gives.kinds.meets(Kinds::BOOL) {
            let (given, kinds) = (describe(node), known.gives.kinds);
            self.error(
                format!("`{operator}` needs a bool; {given} is {kinds}"),
                "compare it with something, as in `payload.x == 3`",
            );
        }
        known
    }

    fn logical(&mut self, operands: &[Node; 2], operator: &str, deciding: bool) -> Known {
        let [left, right] = operands;
        let left = self.flag(left, operator);
        let right = self.flag(right, operator);
        let truth = match (left.truth, right.truth) {
            (Some(truth), _) | (_, Some(truth)) if truth == deciding => Some(deciding),
            (Some(_), Some(_)) => Some(!deciding),
            _ => None,
        };
        Known::truth(truth, left.cost.with(right.cost).of_flag())
    }

    fn conditional(&mut self, operands: &[Node; 3]) -> Known {
        let [condition, yes, no] = operands;
        let condition = self.flag(condition, "?:");
        let (yes, no) = (self.node(yes), self.node(no));
        Known::new(
            yes.gives.or(no.gives),
            condition.cost.of_flag().with(yes.cost).with(no.cost),
        )
    }

    fn negate(&mut self, operand: &Node) -> Known {
        let known = self.node(operand);
        let signed = Kinds::INT.or(Kinds::DOUBLE);
        if !known.gives.kinds.meets(signed) {
            let (given, kinds) = (describe(operand), known.gives.kinds);
            self.error(
                format!("`-` needs a number; {given} is {kinds}"),
                "negate an int or a double",
            );
        }
        Known::new(Type::of(known.gives.kinds.and(signed)), known.cost)
    }
}

fn literal_of(literal: &Literal) -> Known {
    let kinds = match literal {
        Literal::Null => Kinds::NULL,
        Literal::Bool(flag) => return Known::truth(Some(*flag), Cost::NONE),
        Literal::Int(_) => Kinds::INT,
        Literal::UInt(_) => Kinds::UINT,
        Literal::Double(_) => Kinds::DOUBLE,
        Literal::Text(_) => Kinds::TEXT,
        Literal::Bytes(_) => Kinds::BYTES,
        Literal::Timestamp(_) => Kinds::TIMESTAMP,
    };
    Known::new(Type::of(kinds), Cost::NONE)
}
