//! Operators: types that never meet, and values that never are.

use super::super::kinds::Kinds;
use super::super::pattern::Pattern;
use super::super::problem::Problem;
use super::super::tree::{Literal, Node, Operator};
use super::super::types::{Case, Shape, Type, one_of};
use crate::hub_name::{self, HubName};

use super::{BOOL, Check, Cost, Known, describe};

const CAN_BE_ADDED: Kinds = Kinds::NUMBER
    .or(Kinds::TEXT)
    .or(Kinds::BYTES)
    .or(Kinds::LIST);
const HAVE_ORDER: Kinds = Kinds::NUMBER
    .or(Kinds::TEXT)
    .or(Kinds::BYTES)
    .or(Kinds::BOOL);
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

    fn idle(&mut self, rule: String, help: impl Into<String>) {
        self.idle.push(Problem::warning(rule, help));
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

    /// Whether a value is never the text that stands in the expression.
    fn never_is(&mut self, (node, known): (&Node, Known), literal: &Node) -> bool {
        let Node::Literal(Literal::Text(text)) = literal else {
            return false;
        };
        let Some(why) = known.gives.excludes(text) else {
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

    /// The truth of `startsWith`, `endsWith` and `contains`.
    pub(super) fn part_of(
        &mut self,
        function: &str,
        (node, known): (&Node, Known),
        part: &Node,
    ) -> Option<bool> {
        let Node::Literal(Literal::Text(part)) = part else {
            return None;
        };
        // A part of a host name is in lower case as well.
        let gives = match known.gives.shape {
            Shape::Hub => {
                if let Some(door) = DeviceDoor::within(part) {
                    self.idle(
                        format!(
                            "{} is always a classic host name: `{function}(\"{part}\")` is false \
                             for every hub in Azure",
                            describe(node)
                        ),
                        "leave `.device` out: both names of a hub are one hub",
                    );
                    return (door == DeviceDoor::InCloud).then_some(false);
                }
                Type::text(Shape::Case(Case::Lower))
            }
            Shape::Case(_) => known.gives,
            Shape::Words(words) => {
                let has_part = |word: &&str| match function {
                    "startsWith" => word.starts_with(&**part),
                    "endsWith" => word.ends_with(&**part),
                    _ => word.contains(&**part),
                };
                if words.iter().any(has_part) {
                    return None;
                }
                let why = one_of(words);
                self.idle(
                    format!(
                        "{} {why}: `{function}(\"{part}\")` is always false",
                        describe(node)
                    ),
                    meant(known.gives, part),
                );
                return Some(false);
            }
            _ => return None,
        };
        let why = gives.excludes(part)?;
        let help = meant(gives, part);
        self.idle(
            format!(
                "{} {why}: `{function}(\"{part}\")` is always false",
                describe(node)
            ),
            help,
        );
        Some(false)
    }

    pub(super) fn matches(&mut self, operand: &Node, pattern: &Pattern) -> Known {
        let known = self.node(operand);
        let kinds = known.gives.kinds;
        if !kinds.meets(Kinds::TEXT) {
            let given = describe(operand);
            self.errors.push(Problem::error(
                format!("`matches` needs string; {given} is {kinds}"),
                "give it a string; `string(x)` makes one of a number",
            ));
        }
        let source = pattern.source();
        let never = match (known.gives.letters(), known.gives.shape) {
            (Some(case), _) if !pattern.matches_letters_of(case) => Some((
                format!("is always in {case} case"),
                format!("write the letters of the pattern in {case} case"),
            )),
            (_, Shape::Words(words)) if !words.iter().any(|word| pattern.is_match(word)) => {
                Some((one_of(words), "compare it with one of these".to_owned()))
            }
            _ => None,
        };
        let truth = never.map(|(why, help)| {
            let given = describe(operand);
            self.idle(format!("{given} {why}, and never matches `{source}`"), help);
            false
        });
        if pattern.is_large() && known.cost.grows() {
            self.expensive.push(Problem::warning(
                format!("the pattern `{source}` is large, and a device may send a long text"),
                "repeat less in it, or write `[a-z0-9_]` in place of `\\w`",
            ));
        }
        Known::truth(truth, known.cost.of_flag())
    }

    fn calculated(
        &mut self,
        operator: Operator,
        sides: [(&Node, Known); 2],
        fitting: Kinds,
        cost: Cost,
    ) -> Known {
        self.fitting(operator, sides, fitting);
        let [(_, left), (_, right)] = sides;
        let kinds = left.gives.kinds.and(right.gives.kinds).and(fitting);
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
        let help = if a_kinds.or(b_kinds).meets(Kinds::TEXT) && operator == Operator::Add {
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

/// What was probably meant by a text that a value never is.
fn meant(gives: Type, text: &str) -> String {
    let text = match gives.shape {
        Shape::Case(Case::Lower) => text.to_ascii_lowercase(),
        Shape::Case(Case::Upper) => text.to_ascii_uppercase(),
        Shape::Hub if text.is_empty() => return "compare with `null`".to_owned(),
        Shape::Hub if HubName::parse(text).is_err() => {
            return "write the classic host name, such as contoso-weu-1.azure-devices.net"
                .to_owned();
        }
        Shape::Hub => HubName::fold(text).into_owned(),
        Shape::Words(words) => {
            let nearest = super::super::problem::nearest(text, words.iter().copied());
            let word = words.iter().find(|word| {
                let text = text.to_ascii_lowercase();
                text.starts_with(**word) || text.ends_with(**word)
            });
            let Some(word) = nearest.or(word.copied()) else {
                return "write one of these".to_owned();
            };
            word.to_owned()
        }
        _ => return "compare it with something else".to_owned(),
    };
    format!("write `{text}`")
}

/// `.device.` within a part of a host name; no classic name of a hub in Azure has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DeviceDoor {
    /// The domain of a cloud begins after it.
    InCloud,
    /// It ends the part: names outside of Azure's clouds may hold it.
    AtTheEnd,
}

impl DeviceDoor {
    fn within(part: &str) -> Option<Self> {
        let part = part.to_ascii_lowercase();
        let (_, domain) = part.split_once(".device.")?;
        if domain.is_empty() {
            return Some(Self::AtTheEnd);
        }
        let mut clouds = hub_name::CLOUDS.into_iter();
        clouds
            .any(|cloud| cloud.starts_with(domain))
            .then_some(Self::InCloud)
    }
}
