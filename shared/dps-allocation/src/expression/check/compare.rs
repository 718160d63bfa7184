//! Checks operators: operands whose types do not fit, and comparisons with only one result.

use super::cost::Cost;
use super::describe::describe;
use super::known::{BOOL, Check, Known};
use super::meant::meant;
use crate::expression::comparison::Test;
use crate::expression::kinds::Kinds;
use crate::expression::problem::Problem;
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
            Operator::Equal => Known::truth(self.equal(sides).then_some(false), cost),
            Operator::NotEqual => Known::truth(self.equal(sides).then_some(true), cost),
            Operator::In => Known::truth(self.within(sides), cost),
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => {
                self.fitting(operator, sides, HAVE_ORDER);
                Known::new(BOOL, cost)
            }
            Operator::Add => self.calculated(operator, sides, CAN_BE_ADDED, cost),
            Operator::Modulo => self.calculated(operator, sides, WHOLE, cost),
            Operator::Subtract | Operator::Multiply | Operator::Divide => {
                self.calculated(operator, sides, Kinds::NUMBER, cost)
            }
        }
    }

    /// Whether the two sides are never equal.
    fn equal(&mut self, [left, right]: [(&Node, Known); 2]) -> bool {
        let kinds = |known: Known| known.gives.kinds.with_numbers();
        if !kinds(left.1).meets(kinds(right.1)) {
            self.idle(
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
        let help = meant(known.gives, text);
        self.idle(
            format!("{} {why}, and never `{text}`", describe(node)),
            help,
        );
        true
    }

    /// The truth of `in`.
    fn within(&mut self, [element, container]: [(&Node, Known); 2]) -> Option<bool> {
        let Type { kinds, shape } = container.1.gives;
        if !kinds.meets(Kinds::LIST.or(Kinds::MAP)) {
            let given = describe(container.0);
            self.errors.push(Problem::error(
                format!("`in` needs a list or a map; {given} is {kinds}"),
                "write `x in [..]`, or `text.contains(x)` for a part of a text",
            ));
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

    fn calculated(
        &mut self,
        operator: Operator,
        sides: [(&Node, Known); 2],
        fitting: Kinds,
        cost: Cost,
    ) -> Known {
        let [(_, left), (_, right)] = sides;
        let times = times(operator, left.gives.kinds, right.gives.kinds);
        if times.is_empty() {
            self.fitting(operator, sides, fitting);
        }
        let kinds = left.gives.kinds.and(right.gives.kinds).and(fitting);
        let kinds = kinds.or(times);
        let shape = match (left.gives.shape, right.gives.shape) {
            (Shape::List(left), Shape::List(right)) => Shape::List(left.or(right)),
            _ => Shape::Plain,
        };
        Known::new(Type { kinds, shape }, cost)
    }

    /// Whether the operator can work on the two sides.
    fn fitting(&mut self, operator: Operator, sides: [(&Node, Known); 2], fitting: Kinds) {
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
        self.errors.push(Problem::error(
            format!(
                "`{}` does not work on {} ({}) and {} ({})",
                operator.as_str(),
                describe(left),
                a.gives.kinds,
                describe(right),
                b.gives.kinds,
            ),
            help,
        ));
    }
}

/// The times that a sum or difference of these kinds can be.
fn times(operator: Operator, left: Kinds, right: Kinds) -> Kinds {
    let kind = |is_point| {
        if is_point {
            Kinds::TIMESTAMP
        } else {
            Kinds::DURATION
        }
    };
    let mut times = Kinds::TIME.without(Kinds::TIME);
    for (one, other) in [(true, true), (true, false), (false, true), (false, false)] {
        if left.meets(kind(one))
            && right.meets(kind(other))
            && let Some(is_point) = time::gives(operator, one, other)
        {
            times = times.or(kind(is_point));
        }
    }
    times
}
