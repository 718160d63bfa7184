//! Macros, by what the parser makes of them.

use cel::IdedExpr;
use cel::common::ast::{ComprehensionExpr, Expr, LiteralValue, operators};

use crate::expression::tree::FoldKind;

/// Kind, guard and body of a macro.
pub(super) fn parts(fold: &ComprehensionExpr) -> Option<(FoldKind, Option<&IdedExpr>, &IdedExpr)> {
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
