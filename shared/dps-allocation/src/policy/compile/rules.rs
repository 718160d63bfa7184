//! The `rules` table.

use super::compiler::Compiler;
use super::windows;
use crate::expression::{Expression, Purpose};
use crate::policy::model::{FirstRule, Rule, Rules, Scoped};
use crate::schema::{Column, RuleMode, TableName};
use crate::tables::CanonicalRow;

pub(super) fn compile(compiler: &mut Compiler<'_>) -> Rules {
    let (mut also, mut first) = (Vec::new(), Vec::new());
    for row in compiler.rows.rows(TableName::Rules) {
        compiler.check_scope(&row);
        let tenant = compiler.tenant(row.partition());
        let rule = rule(compiler, &row);
        match row.parse(Column::Mode).unwrap_or_default() {
            RuleMode::First => {
                let rule = FirstRule {
                    rule,
                    hubs: compiler.hubs(&row),
                    hub_from: compiler.expression(&row, Column::HubFrom, Purpose::Hub),
                    placement: row.parse(Column::Placement),
                };
                check_now(compiler, &row, &rule.rule, rule.hub_from.as_deref());
                first.push((tenant, rule));
            }
            RuleMode::Also => {
                check_also(compiler, &row);
                check_now(compiler, &row, &rule, None);
                also.push((tenant, rule));
            }
        }
    }
    Rules {
        also: Scoped::new(also),
        first: Scoped::new(first),
    }
}

fn rule<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> Rule {
    Rule {
        scope: row.partition().into(),
        name: row.key().into(),
        line: row.line(),
        pools: compiler.pools(row),
        when: compiler.expression(row, Column::When, Purpose::Condition),
        unless: compiler.expression(row, Column::Unless, Purpose::Condition),
        window: windows::of_rule(compiler, row),
        twin: compiler.twin(row, row.partition()),
        refuse: row.parse(Column::Refuse).unwrap_or_default(),
    }
}

/// Reports a condition that changes with the time, of a rule that moves devices.
fn check_now<'c>(
    compiler: &mut Compiler<'c>,
    row: &CanonicalRow<'c>,
    rule: &Rule,
    hub_from: Option<&Expression>,
) {
    let Some(moving) = windows::moving(row) else {
        return;
    };
    let expressions = [
        (Column::When, rule.when.as_deref()),
        (Column::Unless, rule.unless.as_deref()),
        (Column::HubFrom, hub_from),
    ];
    for (column, expression) in expressions {
        if expression.is_some_and(Expression::reads_now) {
            let moving = moving.as_str();
            let rule = format!("`now` decides about `{moving}`: devices move when the time comes");
            let help = "use `now` for refusals and twins; a rollout moves devices step by step";
            compiler.warning(row, column, rule, help);
        }
    }
}

/// Reports what only one rule can do, and a rule that does nothing.
fn check_also<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) {
    for column in [Column::Hub, Column::HubFrom, Column::Placement] {
        if row.get(column).is_some() {
            let rule = format!("a rule with mode also has no `{}`", column.as_str());
            let help = "several such rules can match, and only one can fix the hub or the \
                        placement: leave the cell empty, or write mode first";
            compiler.error(row, column, rule, help);
        }
    }
    let effects = [Column::Pools, Column::Twin, Column::Refuse];
    if !effects.iter().any(|column| row.has(*column)) {
        let help = "give it pools, a twin or refuse: a rule with mode also does not end the search";
        let finding = row.place().warning("the rule has no effect", help);
        compiler.findings.push(finding);
    }
}
