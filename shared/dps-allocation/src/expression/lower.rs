//! From the parser's syntax tree to one whose names and calls are known.

use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, MapEntryExpr, operators,
};

use super::function::{self, SIGNATURES, Signature, Style, TYPES};
use super::pattern::Pattern;
use super::problem::{HELP, Problem, help_with_name};
use super::tree::{Entry, Fold, FoldKind, Item, Literal, Node, Operator};
use super::variable::Variable;

type Lowered<T = Node> = Result<T, Problem>;

/// Resolves every name and every call.
///
/// # Errors
/// The first name or call that does not exist.
pub(super) fn lower(expression: &IdedExpr) -> Lowered {
    Lower { locals: Vec::new() }.node(expression)
}

/// The names that macros bind, the innermost last.
struct Lower<'e> {
    locals: Vec<&'e str>,
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
        if let Some(variable) = Variable::named(name) {
            return Ok(Node::Variable(variable));
        }
        if let Some(name) = TYPES.into_iter().find(|it| *it == name) {
            return Ok(Node::Type(name));
        }
        let mut known: Vec<&str> = self.locals.clone();
        known.extend(Variable::ALL.map(Variable::as_str));
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
        if signature.function == function::Function::Matches
            && let Some(node) = self.matches(call)?
        {
            return Ok(node);
        }
        let receiver = call.target.as_deref().into_iter();
        let arguments = receiver.chain(&call.args).map(|it| self.node(it));
        let arguments = arguments.collect::<Lowered<_>>()?;
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
                    let operator = Operator::ALL.into_iter().find(|it| it.function() == name);
                    let Some(operator) = operator else {
                        return Ok(None);
                    };
                    Node::Binary(operator, self.two(left, right)?)
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
        let pattern = Pattern::fixed(source).map_err(|error| {
            Problem::error(
                format!("`{source}` is not a regular expression: {error}"),
                "write a pattern as the Rust regex crate reads it, and double each backslash",
            )
        })?;
        let text = Box::new(self.node(text)?);
        Ok(Some(Node::Matches(text, Box::new(pattern))))
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

/// Kind, guard and body of a macro.
fn parts(fold: &ComprehensionExpr) -> Option<(FoldKind, Option<&IdedExpr>, &IdedExpr)> {
    let Expr::Call(step) = &fold.loop_step.expr else {
        return None;
    };
    let name = step.func_name.as_str();
    Some(match (&fold.accu_init.expr, name, step.args.as_slice()) {
        (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_AND, [_, body]) => {
            (FoldKind::All, None, body)
        }
        (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_OR, [_, body]) => {
            (FoldKind::Exists, None, body)
        }
        (Expr::Literal(LiteralValue::Int(_)), operators::CONDITIONAL, [body, ..]) => {
            (FoldKind::ExistsOne, None, body)
        }
        (Expr::List(_), operators::CONDITIONAL, [guard, append, _]) => {
            (FoldKind::Map, Some(guard), appended(append)?)
        }
        (Expr::List(_), operators::ADD, _) => (FoldKind::Map, None, appended(&fold.loop_step)?),
        _ => return None,
    })
}

/// The `x` of `@result + [x]`.
fn appended(append: &IdedExpr) -> Option<&IdedExpr> {
    let Expr::Call(append) = &append.expr else {
        return None;
    };
    match append.args.as_slice() {
        [
            _,
            IdedExpr {
                expr: Expr::List(list),
                ..
            },
        ] => list.elements.first(),
        _ => None,
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

/// Whether a call has the form and the number of arguments of the function.
fn check_form(signature: &Signature, call: &CallExpr) -> Lowered<()> {
    let name = signature.name;
    let is_member = call.target.is_some();
    let form = match (signature.style, is_member) {
        (Style::Global, true) => Some(format!("write `{name}(x)`")),
        (Style::Member, false) => Some(format!("write `x.{name}(..)`")),
        _ => None,
    };
    let arguments = call.args.len() + usize::from(is_member);
    let most = signature.takes.len();
    let least = most - signature.optional;
    if form.is_none() && (least..=most).contains(&arguments) {
        return Ok(());
    }
    // A receiver is no argument to whoever writes the call.
    let shift = usize::from(signature.style != Style::Global && (is_member || form.is_some()));
    let takes = match (least - shift, most - shift) {
        (0, 0) => "no argument".to_owned(),
        (1, 1) => "1 argument".to_owned(),
        (least, most) if least == most => format!("{most} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    };
    let help = form.unwrap_or_else(|| format!("give `{name}` {takes}"));
    let given = call.args.len();
    let rule = if (least..=most).contains(&arguments) {
        format!("`{name}` cannot be called in this form")
    } else {
        format!("`{name}` takes {takes}, not {given}")
    };
    Err(Problem::error(rule, help))
}

fn no_function(name: &str) -> Problem {
    let names = SIGNATURES.iter().map(|signature| signature.name);
    let macros = ["all", "exists", "exists_one", "filter", "has", "map"];
    if macros.contains(&name) {
        let help = format!("write it as in `payload.tags.{name}(tag, tag == \"x\")`");
        let help = if name == "has" {
            "write `has(payload.x)`".to_owned()
        } else {
            help
        };
        return Problem::error(format!("`{name}` has other arguments"), help);
    }
    let help = help_with_name(name, names.chain(macros), || {
        "use the functions that the documentation lists".to_owned()
    });
    Problem::error(format!("there is no function `{name}`"), help)
}

fn not_a_map() -> Problem {
    Problem::error("messages such as `a{b: 1}` do not exist here", HELP)
}
