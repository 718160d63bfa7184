//! The names that the macros of an expression bind, such as `x` in `list.exists(x, x > 1)`.

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr, IdedEntryExpr};

/// Every name that a macro of the expression binds.
pub(super) fn names(expression: &IdedExpr) -> Vec<&str> {
    let mut names = Vec::new();
    collect(expression, &mut names);
    names
}

fn collect<'e>(expression: &'e IdedExpr, names: &mut Vec<&'e str>) {
    match &expression.expr {
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => {}
        Expr::Call(call) => {
            call.target.iter().for_each(|target| collect(target, names));
            call.args
                .iter()
                .for_each(|argument| collect(argument, names));
        }
        Expr::Comprehension(comprehension) => {
            names.push(&comprehension.iter_var);
            names.extend(comprehension.iter_var2.as_deref());
            names.push(&comprehension.accu_var);
            let parts = [
                &comprehension.iter_range,
                &comprehension.accu_init,
                &comprehension.loop_cond,
                &comprehension.loop_step,
                &comprehension.result,
            ];
            for part in parts {
                collect(part, names);
            }
        }
        Expr::List(list) => list
            .elements
            .iter()
            .for_each(|element| collect(element, names)),
        Expr::Map(map) => map
            .entries
            .iter()
            .for_each(|entry| collect_entry(entry, names)),
        Expr::Struct(fields) => {
            fields
                .entries
                .iter()
                .for_each(|entry| collect_entry(entry, names));
        }
        Expr::Select(select) => collect(&select.operand, names),
    }
}

fn collect_entry<'e>(entry: &'e IdedEntryExpr, names: &mut Vec<&'e str>) {
    match &entry.expr {
        EntryExpr::StructField(field) => collect(&field.value, names),
        EntryExpr::MapEntry(pair) => {
            collect(&pair.key, names);
            collect(&pair.value, names);
        }
    }
}
