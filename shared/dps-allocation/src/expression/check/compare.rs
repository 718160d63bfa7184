//! Checks operators: operands whose types do not fit, and comparisons with only one result.

use super::cost::Cost;
use super::describe::describe;
use super::known::{BOOL, Check, Known};
use super::suggestion::suggestion;
use crate::expression::comparison::Test;
use crate::expression::kinds::Kinds;
use crate::expression::time;
use crate::expression::tree::{Literal, Node, Operator};
use crate::expression::types::{Shape, Type};

const CAN_BE_ADDED: Kinds = Kinds::NUMBER
    .or(Kinds::TEXT)
    .or(Kinds::BYTES)
    .or(Kinds::LIST);
const HAVE_ORDER: Kinds = Kinds::NUMBER
    .or(Kinds::TEXT)
    .or(Kinds::BYTES)
    .or(Kinds::BOOL)
    .or(Kinds::TIME);
const WHOLE: Kinds = Kinds::INT.or(Kinds::UINT);

impl Check {
    pub(super) fn binary(&mut self, operator: Operator, operands: &[Node; 2]) -> Known {
        let [left, right] = operands;
        let sides = [(left, self.node(left)), (right, self.node(right))];
        let cost = Cost::of_operator(operator, [sides[0].1.cost, sides[1].1.cost]);
        match operator {
            Operator::Equal => Known::truth(self.never_equal(sides).then_some(false), cost),
            Operator::NotEqual => Known::truth(self.never_equal(sides).then_some(true), cost),
            Operator::In => Known::truth(self.contained(sides), cost),
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => {
                self.must_fit(operator, sides, HAVE_ORDER);
                Known::new(BOOL, cost)
            }
            Operator::Add => self.arithmetic(operator, sides, CAN_BE_ADDED, cost),
            Operator::Modulo => self.arithmetic(operator, sides, WHOLE, cost),
            Operator::Subtract | Operator::Multiply | Operator::Divide => {
                self.arithmetic(operator, sides, Kinds::NUMBER, cost)
            }
        }
    }

    /// Whether the two sides are never equal.
    fn never_equal(&mut self, [left, right]: [(&Node, Known); 2]) -> bool {
        let kinds = |known: Known| known.gives.kinds.with_numbers();
        if !kinds(left.1).meets(kinds(right.1)) {
            self.constant(
                format!(
                    "{} is {}, and {} is {}: they are never equal",
                    describe(left.0),
                    left.1.gives.kinds,
                    describe(right.0),
                    right.1.gives.kinds,
                ),
                "compare values of one type",
            );
            return true;
        }
        self.never_is(left, right.0) || self.never_is(right, left.0)
    }

    /// Whether a value never equals a literal text.
    pub(super) fn never_is(&mut self, (node, known): (&Node, Known), literal: &Node) -> bool {
        let Node::Literal(Literal::Text(text)) = literal else {
            return false;
        };
        let Some(why) = known.gives.excludes(text) else {
            self.compares(node, Test::Is, text);
            return false;
        };
        let help = suggestion(known.gives, text);
        self.constant(
            format!("{} {why}, and never `{text}`", describe(node)),
            help,
        );
        true
    }

    /// The truth of `in`.
    fn contained(&mut self, [element, container]: [(&Node, Known); 2]) -> Option<bool> {
        let Type { kinds, shape } = container.1.gives;
        if !kinds.meets(Kinds::LIST.or(Kinds::MAP)) {
            let given = describe(container.0);
            self.error(
                format!("`in` needs a list or a map; {given} is {kinds}"),
                "write `x in [..]`, or `text.contains(x)` for a part of a text",
            );
            return None;
        }
        if let (Shape::Record(members), Node::Literal(Literal::Text(field))) = (shape, element.0) {
            self.member(container.0, members, field);
        }
        let Node::List(items) = container.0 else {
            return None;
        };
        let never: Vec<bool> = items
            .iter()
            .map(|item| self.never_is(element, &item.node))
            .collect();
        (!never.is_empty() && never.iter().all(|never| *never)).then_some(false)
    }

    /// What an arithmetic operator gives.
    fn arithmetic(
        &mut self,
        operator: Operator,
        sides: [(&Node, Known); 2],
        fitting: Kinds,
        cost: Cost,
    ) -> Known {
        let [(_, left), (_, right)] = sides;
        let times = time::gives(operator, left.gives.kinds, right.gives.kinds);
        if times.is_empty() {
            self.must_fit(operator, sides, fitting);
        }
        let kinds = left.gives.kinds.and(right.gives.kinds).and(fitting);
        let kinds = kinds.or(times);
        let shape = match (left.gives.shape, right.gives.shape) {
            (Shape::List(left), Shape::List(right)) => Shape::List(left.or(right)),
            _ => Shape::Plain,
        };
        Known::new(Type { kinds, shape }, cost)
    }

    /// Reports two sides on which the operator cannot work.
    fn must_fit(&mut self, operator: Operator, sides: [(&Node, Known); 2], fitting: Kinds) {
        let [(left, a), (right, b)] = sides;
        let (mut a_kinds, mut b_kinds) = (a.gives.kinds, b.gives.kinds);
        // Numbers of all types compare, but do not add up.
        if fitting == HAVE_ORDER {
            (a_kinds, b_kinds) = (a_kinds.with_numbers(), b_kinds.with_numbers());
        }
        if a_kinds.and(b_kinds).meets(fitting) || a_kinds.is_empty() || b_kinds.is_empty() {
            return;
        }
        let help = if a_kinds.or(b_kinds).meets(Kinds::TIME) {
            "`timestamp(x)` converts a text, or seconds since 1970 such as `cert.notAfter`; `duration(x)` a text such as `720h`"
        } else if a_kinds.or(b_kinds).meets(Kinds::TEXT) && operator == Operator::Add {
            "write `string(x)` around the other value"
        } else {
            "use values of one type: `int(x)`, `double(x)` and `string(x)` convert"
        };
        self.error(
            format!(
                "`{}` does not work on {} ({}) and {} ({})",
                operator.as_str(),
                describe(left),
                a.gives.kinds,
                describe(right),
                b.gives.kinds,
            ),
            help,
        );
    }
}
