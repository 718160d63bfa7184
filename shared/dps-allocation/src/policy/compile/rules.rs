//! The `rules` table.

use super::context::Context;
use crate::expression::Purpose;
use crate::policy::model::{Rule, Scoped};
use crate::schema::{Column, TableName};

pub(super) fn compile(context: &mut Context<'_>) -> Scoped<Rule> {
    let mut rules = Vec::new();
    for row in context.rows.rows(TableName::Rules) {
        context.check_scope(&row);
        let rule = Rule {
            scope: row.partition().into(),
            name: row.key().into(),
            line: row.place().line,
            pools: context.pools(&row),
            when: context.expression(&row, Column::When, Purpose::Condition),
            hub: context.hub(&row),
            placement: row.parse(Column::Placement),
            twin: context.twin(&row, row.partition()),
            refuse: row.parse(Column::Refuse).unwrap_or_default(),
        };
        rules.push((context.tenant(row.partition()), rule));
    }
    Scoped::new(rules)
}
