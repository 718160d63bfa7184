//! An expression whose names and calls are known: what is checked and evaluated.

use std::sync::Arc;

use jiff::Timestamp;
use strum::{IntoStaticStr, VariantArray};

use super::function::Signature;
use super::pattern::Pattern;
use super::variable::Variable;

#[derive(Debug)]
pub(super) enum Node {
    Literal(Literal),
    Variable(Variable),
    /// What a macro binds; 0 is the innermost one.
    Local(usize),
    /// The name of a type, such as `int`.
    Type(&'static str),
    /// `a.b`.
    Select(Box<Node>, Box<str>),
    /// `has(a.b)`.
    Has(Box<Node>, Box<str>),
    /// `a.?b`.
    OptionalSelect(Box<Node>, Box<str>),
    /// `a[b]`.
    Index(Box<[Node; 2]>),
    /// `a[?b]`.
    OptionalIndex(Box<[Node; 2]>),
    List(Box<[Item]>),
    Map(Box<[Entry]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    Conditional(Box<[Node; 3]>),
    Binary(Operator, Box<[Node; 2]>),
    /// The receiver comes first.
    Call(&'static Signature, Box<[Node]>),
    /// `matches` with a literal pattern.
    Matches(Box<Node>, Arc<Pattern>),
    Fold(Box<Fold>),
}

#[derive(Debug)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Double(f64),
    Text(Box<str>),
    Bytes(Box<[u8]>),
    Timestamp(Timestamp),
}

/// An element of a list; left out where it is an optional without a value.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) node: Node,
    pub(super) optional: bool,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Node,
    pub(super) value: Node,
    pub(super) optional: bool,
}

/// A macro over a list, or over the keys of a map.
#[derive(Debug)]
pub(super) struct Fold {
    pub(super) kind: FoldKind,
    pub(super) range: Node,
    /// `map` with three arguments, and `filter`.
    pub(super) guard: Option<Node>,
    pub(super) body: Node,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum FoldKind {
    All,
    Exists,
    ExistsOne,
    /// `map`, and `filter` with the element itself as its body.
    Map,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
pub(super) enum Operator {
    #[strum(serialize = "==")]
    Equal,
    #[strum(serialize = "!=")]
    NotEqual,
    #[strum(serialize = "<")]
    Less,
    #[strum(serialize = "<=")]
    LessOrEqual,
    #[strum(serialize = ">")]
    Greater,
    #[strum(serialize = ">=")]
    GreaterOrEqual,
    #[strum(serialize = "in")]
    In,
    #[strum(serialize = "+")]
    Add,
    #[strum(serialize = "-")]
    Subtract,
    #[strum(serialize = "*")]
    Multiply,
    #[strum(serialize = "/")]
    Divide,
    #[strum(serialize = "%")]
    Modulo,
}

impl FoldKind {
    /// The name of the macro.
    pub(super) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Operator {
    /// As people write it.
    pub(super) fn as_str(self) -> &'static str {
        self.into()
    }

    /// As the parser names it.
    pub(super) fn function(self) -> &'static str {
        use cel::common::ast::operators;
        match self {
            Self::Equal => operators::EQUALS,
            Self::NotEqual => operators::NOT_EQUALS,
            Self::Less => operators::LESS,
            Self::LessOrEqual => operators::LESS_EQUALS,
            Self::Greater => operators::GREATER,
            Self::GreaterOrEqual => operators::GREATER_EQUALS,
            Self::In => operators::IN,
            Self::Add => operators::ADD,
            Self::Subtract => operators::SUBSTRACT,
            Self::Multiply => operators::MULTIPLY,
            Self::Divide => operators::DIVIDE,
            Self::Modulo => operators::MODULO,
        }
    }
}

impl Node {
    /// Visits every node, this one first.
    pub(super) fn for_each<'n>(&'n self, show: &mut dyn FnMut(&'n Node)) {
        show(self);
        match self {
            Self::Literal(_) | Self::Variable(_) | Self::Local(_) | Self::Type(_) => {}
            Self::Select(operand, _)
            | Self::Has(operand, _)
            | Self::OptionalSelect(operand, _)
            | Self::Not(operand)
            | Self::Negate(operand)
            | Self::Matches(operand, _) => operand.for_each(show),
            Self::Index(operands)
            | Self::OptionalIndex(operands)
            | Self::And(operands)
            | Self::Or(operands)
            | Self::Binary(_, operands) => operands.iter().for_each(|node| node.for_each(show)),
            Self::Conditional(operands) => operands.iter().for_each(|node| node.for_each(show)),
            Self::List(items) => items.iter().for_each(|item| item.node.for_each(show)),
            Self::Map(entries) => entries.iter().for_each(|entry| {
                entry.key.for_each(show);
                entry.value.for_each(show);
            }),
            Self::Call(_, arguments) => arguments.iter().for_each(|node| node.for_each(show)),
            Self::Fold(fold) => {
                fold.range.for_each(show);
                fold.guard.iter().for_each(|node| node.for_each(show));
                fold.body.for_each(show);
            }
        }
    }
}
