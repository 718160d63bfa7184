//! Checks members and elements.

use super::describe::describe;
use super::known::{Check, Known};
use crate::expression::kinds::Kinds;
use crate::expression::problem::help_with_name;
use crate::expression::tree::{Literal, Node};
use crate::expression::types::{Members, Shape, Type};

const HAVE_MEMBERS: Kinds = Kinds::MAP.or(Kinds::OPTIONAL);
const HAVE_ELEMENTS: Kinds = Kinds::LIST.or(HAVE_MEMBERS);

impl Check {
    pub(super) fn select(&mut self, operand: &Node, field: &str) -> Known {
        let known = self.node(operand);
        let Type { kinds, shape } = known.gives;
        let mut selected = Type::JSON;
        if let Shape::Record(members) = shape {
            selected = self.member(operand, members, field);
        } else if !kinds.meets(HAVE_MEMBERS) {
            let given = describe(operand);
            self.error(
                format!("`.{field}` does not exist: {given} is {kinds}, which has no members"),
                "leave the member out",
            );
        } else if kinds.meets(Kinds::OPTIONAL) {
            selected = Type::ANY;
        }
        if kinds == Kinds::OPTIONAL {
            selected = Type::of(Kinds::OPTIONAL);
        }
        Known::new(selected, known.cost)
    }

    pub(super) fn member(&mut self, operand: &Node, members: Members, field: &str) -> Type {
        let own = members.iter().find(|(name, _)| *name == field);
        own.map_or_else(
            || {
                let names = members.iter().map(|(name, _)| *name);
                let all: Vec<&str> = names.clone().collect();
                let help = help_with_name(field, names, || format!("it has {}", all.join(", ")));
                let given = describe(operand);
                self.error(format!("{given} has no member `{field}`"), help);
                Type::ANY
            },
            |(_, gives)| *gives,
        )
    }

    pub(super) fn index(&mut self, operands: &[Node; 2]) -> Known {
        let [operand, index] = operands;
        if let Node::Literal(Literal::Text(field)) = index {
            return self.select(operand, field);
        }
        let (known, index) = (self.node(operand), self.node(index));
        let kinds = known.gives.kinds;
        if !kinds.meets(HAVE_ELEMENTS) {
            let given = describe(operand);
            self.error(
                format!("`[]` needs a list or a map; {given} is {kinds}"),
                "leave the index out",
            );
        }
        let gives = match known.gives.shape {
            _ if kinds.meets(Kinds::OPTIONAL) => Type::ANY,
            Shape::List(_) => known.gives.element(),
            _ if known.gives == Type::JSON => Type::JSON,
            _ => Type::ANY,
        };
        Known::new(gives, known.cost.with_index(index.cost))
    }
}
