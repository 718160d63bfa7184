//! What can be said about an expression without a request: types, members, values, cost.

mod compare;
mod cost;

use super::function::{Function, Signature};
use super::kinds::Kinds;
use super::problem::{Problem, help_with_name};
use super::record;
use super::tree::{Fold, FoldKind, Literal, Node};
use super::types::{Members, Shape, Type};
use cost::Cost;

/// What is known of an expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) gives: Type,
    /// Whether it is always true or always false, where it has a value.
    pub(super) truth: Option<bool>,
    cost: Cost,
}

/// What is known, and what is wrong.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) gives: Type,
    pub(super) truth: Option<bool>,
    /// What can never work.
    pub(super) errors: Vec<Problem>,
    /// Comparisons that can only have one result.
    pub(super) idle: Vec<Problem>,
    /// What may cost too much.
    pub(super) expensive: Vec<Problem>,
}

pub(super) fn check(node: &Node) -> Checked {
    let mut check = Check::default();
    let known = check.node(node);
    check.expensive.extend(known.cost.problem());
    Checked {
        gives: known.gives,
        truth: known.truth,
        errors: check.errors,
        idle: check.idle,
        expensive: check.expensive,
    }
}

#[derive(Debug, Default)]
struct Check {
    /// What macros bind, the innermost last.
    locals: Vec<Known>,
    errors: Vec<Problem>,
    idle: Vec<Problem>,
    expensive: Vec<Problem>,
}

const BOOL: Type = Type::of(Kinds::BOOL);
const HAVE_MEMBERS: Kinds = Kinds::MAP.or(Kinds::OPTIONAL);
const HAVE_ELEMENTS: Kinds = Kinds::LIST.or(HAVE_MEMBERS);
const CAN_BE_FOLDED: Kinds = Kinds::LIST.or(Kinds::MAP);

impl Known {
    fn new(gives: Type, cost: Cost) -> Self {
        let truth = None;
        Self { gives, truth, cost }
    }

    fn truth(truth: Option<bool>, cost: Cost) -> Self {
        let gives = BOOL;
        Self { gives, truth, cost }
    }
}

impl Check {
    fn node(&mut self, node: &Node) -> Known {
        match node {
            Node::Literal(literal) => literal_of(literal),
            Node::Variable(variable) => {
                Known::new(record::type_of(*variable), Cost::of_variable(*variable))
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

    fn error(&mut self, rule: String, help: impl Into<String>) {
        self.errors.push(Problem::error(rule, help));
    }

    fn local(&self, depth: usize) -> Known {
        let at = self.locals.len().checked_sub(depth + 1);
        let known = at.and_then(|at| self.locals.get(at)).copied();
        known.unwrap_or(Known::new(Type::ANY, Cost::NONE))
    }

    fn list<'n>(&mut self, nodes: impl Iterator<Item = &'n Node>) -> Known {
        let (mut kinds, mut cost, mut number) = (None, Cost::NONE, 0);
        for node in nodes {
            let known = self.node(node);
            let own = known.gives.kinds;
            kinds = Some(kinds.map_or(own, |kinds: Kinds| kinds.or(own)));
            cost = cost.with(known.cost);
            number += 1;
        }
        let gives = Type::list(kinds.unwrap_or(Kinds::ANY));
        Known::new(gives, cost.of_elements(number))
    }

    /// A node that must be true or false.
    fn flag(&mut self, node: &Node, operator: &str) -> Known {
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

    fn select(&mut self, operand: &Node, field: &str) -> Known {
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

    fn member(&mut self, operand: &Node, members: Members, field: &str) -> Type {
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

    fn index(&mut self, operands: &[Node; 2]) -> Known {
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

    fn call(&mut self, signature: &'static Signature, arguments: &[Node]) -> Known {
        let function = signature.function;
        let arguments: Vec<(&Node, Known)> =
            arguments.iter().map(|it| (it, self.node(it))).collect();
        for ((node, known), takes) in arguments.iter().zip(signature.takes) {
            let kinds = known.gives.kinds;
            if !kinds.meets(*takes) {
                let (name, given) = (signature.name, describe(node));
                self.error(
                    format!("`{name}` needs {takes}; {given} is {kinds}"),
                    help_with_type(*takes),
                );
            }
        }
        let known: Vec<Known> = arguments.iter().map(|(_, known)| *known).collect();
        let costs: Vec<Cost> = known.iter().map(|known| known.cost).collect();
        let cost = Cost::of_call(function, &costs);
        if let (Function::StartsWith | Function::EndsWith | Function::Contains, [text, part]) =
            (function, arguments.as_slice())
        {
            let truth = self.part_of(signature.name, *text, part.0);
            return Known::truth(truth, cost);
        }
        Known::new(given_by(signature, &known), cost)
    }

    fn fold(&mut self, fold: &Fold) -> Known {
        let range = self.node(&fold.range);
        let (name, kinds) = (fold.kind.as_str(), range.gives.kinds);
        if !kinds.meets(CAN_BE_FOLDED) {
            let given = describe(&fold.range);
            self.error(
                format!("`{name}` needs a list or a map; {given} is {kinds}"),
                "name a list, such as `payload.tags`",
            );
        }
        let element = Known::new(range.gives.element(), range.cost.of_element());
        self.locals.push(element);
        let guard = fold.guard.as_ref().map(|guard| self.flag(guard, "filter"));
        let body = if fold.kind == FoldKind::Map {
            self.node(&fold.body)
        } else {
            self.flag(&fold.body, name)
        };
        self.locals.pop();
        let step = guard.map_or(body.cost, |guard| body.cost.with(guard.cost.of_flag()));
        let cost = range.cost.of_loop(step);
        match fold.kind {
            FoldKind::Map => Known::new(Type::list(body.gives.kinds), cost),
            // Without elements, `all` is true and `exists` is false.
            FoldKind::Exists | FoldKind::ExistsOne if body.truth == Some(false) => {
                Known::truth(Some(false), cost.of_flag())
            }
            FoldKind::All | FoldKind::Exists | FoldKind::ExistsOne => {
                Known::truth(None, cost.of_flag())
            }
        }
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
    };
    Known::new(Type::of(kinds), Cost::NONE)
}

/// What a call gives, where the arguments say more than the signature.
fn given_by(signature: &Signature, arguments: &[Known]) -> Type {
    use super::types::Case;
    match (signature.function, arguments) {
        (Function::LowerAscii, _) => Type::text(Shape::Case(Case::Lower)),
        (Function::UpperAscii, _) => Type::text(Shape::Case(Case::Upper)),
        (Function::Split, _) => Type::list(Kinds::TEXT),
        (
            Function::String | Function::Trim | Function::Reverse | Function::Substring,
            [text, ..],
        ) if text.gives.kinds == Kinds::TEXT && matches!(text.gives.shape, Shape::Case(_)) => {
            text.gives
        }
        (Function::OrValue, [_, otherwise]) => Type::of(Kinds::JSON.or(otherwise.gives.kinds)),
        _ => Type::of(signature.gives),
    }
}

fn help_with_type(takes: Kinds) -> &'static str {
    if takes == Kinds::TEXT {
        "give it a string; `string(x)` makes one of a number"
    } else if takes == Kinds::OPTIONAL {
        "write `?` before the member, as in `payload.?model.orValue(\"\")`"
    } else {
        "give it a value of that type"
    }
}

/// A part of an expression as messages name it.
fn describe(node: &Node) -> String {
    path(node).map_or_else(|| "the value".to_owned(), |path| format!("`{path}`"))
}

fn path(node: &Node) -> Option<String> {
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
