//! From the parser's syntax tree to one whose names and calls are known.

mod form;
mod macros;

use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, MapEntryExpr, operators,
};
use strum::VariantArray;

use super::function::{self, Function, TYPES};
use super::pattern::{Pattern, PatternBudget, PatternError};
use super::problem::{HELP, Problem, help_with_name};
use super::tree::{Entry, Fold, Item, Literal, Node, Operator};
use super::variable::Variable;
use crate::instant::instant;
use form::{check_form, no_function, not_a_map};
use macros::parts;

type Lowered<T = Node> = Result<T, Problem>;

/// Resolves every name and every call, and compiles patterns.
///
/// # Errors
/// The first name or call that does not exist.
pub(super) fn lower<'e>(expression: &'e IdedExpr, patterns: &'e PatternBudget) -> Lowered {
    let locals = Vec::new();
    Lower { locals, patterns }.node(expression)
}

/// The names that macros bind, the innermost last.
struct Lower<'e> {
    locals: Vec<&'e str>,
    patterns: &'e PatternBudget,
}

/// Two operands.
type Pair = Box<[Node; 2]>;

impl<'e> Lower<'e> {
    fn node(&mut self, expression: &'e IdedExpr) -> Lowered {
        match &expression.expr {
            Expr::Literal(literal) => Ok(Node::Literal(literal_of(literal))),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => {
                let operand = Box::new(self.node(&select.operand)?);
                let field = select.field.as_str().into();
                Ok(if select.test {
                    Node::Has(operand, field)
                } else {
                    Node::Select(operand, field)
                })
            }
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.fold(comprehension),
            Expr::List(list) => {
                let items = list.elements.iter().enumerate().map(|(at, element)| {
                    Ok(Item {
                        node: self.node(element)?,
                        optional: list.optional_indices.contains(&at),
                    })
                });
                Ok(Node::List(items.collect::<Lowered<_>>()?))
            }
            Expr::Map(map) => {
                let entries = map.entries.iter().map(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => self.entry(entry),
                    EntryExpr::StructField(_) => Err(not_a_map()),
                });
                Ok(Node::Map(entries.collect::<Lowered<_>>()?))
            }
            Expr::Struct(_) | Expr::Unspecified => Err(not_a_map()),
        }
    }

    fn entry(&mut self, entry: &'e MapEntryExpr) -> Lowered<Entry> {
        Ok(Entry {
            key: self.node(&entry.key)?,
            value: self.node(&entry.value)?,
            optional: entry.optional,
        })
    }

    fn name(&self, name: &str) -> Lowered {
        if let Some(depth) = self.locals.iter().rev().position(|local| *local == name) {
            return Ok(Node::Local(depth));
        }
        if let Ok(variable) = name.parse::<Variable>() {
            return Ok(Node::Variable(variable));
        }
        if let Some(name) = TYPES.into_iter().find(|it| *it == name) {
            return Ok(Node::Type(name));
        }
        let mut known: Vec<&str> = self.locals.clone();
        known.extend(Variable::VARIANTS.iter().map(|it| it.as_str()));
        let help = help_with_name(name, known, || HELP.to_owned());
        Err(Problem::error(
            format!("`{name}` does not exist; an expression cannot name it"),
            help,
        ))
    }

    fn call(&mut self, call: &'e CallExpr) -> Lowered {
        if call.target.is_none()
            && let Some(node) = self.operator(call)?
        {
            return Ok(node);
        }
        let name = call.func_name.as_str();
        let Some(signature) = function::signature(name) else {
            return Err(no_function(name));
        };
        check_form(signature, call)?;
        if signature.function == Function::Matches
            && let Some(node) = self.matches(call)?
        {
            return Ok(node);
        }
        let receiver = call.target.as_deref().into_iter();
        let arguments = receiver.chain(&call.args).map(|it| self.node(it));
        let arguments: Box<[Node]> = arguments.collect::<Lowered<_>>()?;
        // A text that is not a point in time is left to the check.
        if let (Function::Timestamp, [Node::Literal(Literal::Text(text))]) =
            (signature.function, &*arguments)
            && let Some(at) = instant(text)
        {
            return Ok(Node::Literal(Literal::Timestamp(at)));
        }
        Ok(Node::Call(signature, arguments))
    }

    fn operator(&mut self, call: &'e CallExpr) -> Lowered<Option<Node>> {
        let name = call.func_name.as_str();
        Ok(Some(match call.args.as_slice() {
            [operand] => {
                let node = |it: &mut Self| it.node(operand).map(Box::new);
                match name {
                    operators::LOGICAL_NOT => Node::Not(node(self)?),
                    operators::NEGATE => Node::Negate(node(self)?),
                    _ => return Ok(None),
                }
            }
            [left, right] => match name {
                operators::LOGICAL_AND => Node::And(self.two(left, right)?),
                operators::LOGICAL_OR => Node::Or(self.two(left, right)?),
                operators::INDEX => Node::Index(self.two(left, right)?),
                operators::OPT_INDEX => Node::OptionalIndex(self.two(left, right)?),
                operators::OPT_SELECT => {
                    let Expr::Literal(LiteralValue::String(field)) = &right.expr else {
                        return Err(not_a_map());
                    };
                    Node::OptionalSelect(Box::new(self.node(left)?), field.inner().into())
                }
                _ => {
                    let operator = Operator::VARIANTS.iter().find(|it| it.function() == name);
                    let Some(operator) = operator else {
                        return Ok(None);
                    };
                    Node::Binary(*operator, self.two(left, right)?)
                }
            },
            [condition, yes, no] if name == operators::CONDITIONAL => {
                Node::Conditional(Box::new([
                    self.node(condition)?,
                    self.node(yes)?,
                    self.node(no)?,
                ]))
            }
            _ => return Ok(None),
        }))
    }

    fn two(&mut self, left: &'e IdedExpr, right: &'e IdedExpr) -> Lowered<Pair> {
        Ok(Box::new([self.node(left)?, self.node(right)?]))
    }

    /// `matches` with a literal pattern, compiled now.
    fn matches(&mut self, call: &'e CallExpr) -> Lowered<Option<Node>> {
        let ((Some(text), [pattern]) | (None, [text, pattern])) =
            (call.target.as_deref(), call.args.as_slice())
        else {
            return Ok(None);
        };
        let Expr::Literal(LiteralValue::String(source)) = &pattern.expr else {
            return Ok(None);
        };
        let source = source.inner();
        let pattern = Pattern::fixed(source, self.patterns).map_err(|error| match error {
            PatternError::TooLarge(_) | PatternError::TooMany(_) => Problem::error(
                format!("there is no room for the pattern `{source}`: {error}"),
                "write fewer or smaller patterns: repeat less, or `[a-z0-9_]` in place of `\\w`",
            ),
            PatternError::Syntax(_) => Problem::error(
                format!("`{source}` is not a regular expression: {error}"),
                "write a pattern as the Rust regex crate reads it, and double each backslash",
            ),
        })?;
        let text = Box::new(self.node(text)?);
        Ok(Some(Node::Matches(text, pattern)))
    }

    /// The macros, by what the parser makes of them.
    fn fold(&mut self, fold: &'e ComprehensionExpr) -> Lowered {
        let range = self.node(&fold.iter_range)?;
        let (kind, guard, body) = parts(fold).ok_or_else(not_a_map)?;
        self.locals.push(&fold.iter_var);
        let guard = guard.map(|guard| self.node(guard)).transpose();
        let body = self.node(body);
        self.locals.pop();
        Ok(Node::Fold(Box::new(Fold {
            kind,
            range,
            guard: guard?,
            body: body?,
        })))
    }
}

fn literal_of(literal: &LiteralValue) -> Literal {
    match literal {
        LiteralValue::Null => Literal::Null,
        LiteralValue::Boolean(flag) => Literal::Bool(*flag.inner()),
        LiteralValue::Int(number) => Literal::Int(*number.inner()),
        LiteralValue::UInt(number) => Literal::UInt(*number.inner()),
        LiteralValue::Double(number) => Literal::Double(*number.inner()),
        LiteralValue::String(text) => Literal::Text(text.inner().into()),
        LiteralValue::Bytes(bytes) => Literal::Bytes(bytes.inner().into()),
    }
}
