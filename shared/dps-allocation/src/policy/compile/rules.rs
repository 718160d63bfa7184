//! The `rules` table.

use super::compiler::Compiler;
use crate::expression::Purpose;
use crate::policy::model::{Rule, Scoped};
use crate::schema::{Column, TableName};

pub(super) fn compile(compiler: &mut Compiler<'_>) -> Scoped<Rule> {
    let mut rules = Vec::new();
    for row in compiler.rows.rows(TableName::Rules) {
        compiler.check_scope(&row);
        let rule = Rule {
            scope: row.partition().into(),
            name: row.key().into(),
            line: row.line(),
            pools: compiler.pools(&row),
            when: compiler.expression(&row, Column::When, Purpose::Condition),
            hub: compiler.hub(&row),
            placement: row.parse(Column::Placement),
            twin: compiler.twin(&row, row.partition()),
            refuse: row.parse(Column::Refuse).unwrap_or_default(),
        };
        rules.push((compiler.tenant(row.partition()), rule));
    }
    Scoped::new(rules)
}
