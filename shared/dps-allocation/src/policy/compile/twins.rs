//! The `twins` table, and templates in other tables.

use super::compiler::Compiler;
use crate::schema::{Column, TableName};
use crate::tables::CanonicalRow;
use crate::twin::limits::{self, Section};
use crate::twin::{Reply, Template, TwinTemplate};

pub(super) fn compile(compiler: &mut Compiler<'_>) {
    for row in compiler.rows.rows(TableName::Twins) {
        compiler.check_scope(&row);
        let tags = template(compiler, &row, Column::Tags);
        let desired = template(compiler, &row, Column::Desired);
        for (column, section, template) in [
            (Column::Tags, Section::Tags, &tags),
            (Column::Desired, Section::Desired, &desired),
        ] {
            let fixed = template.as_ref().and_then(Template::fixed);
            if let Some(Err(limit)) = fixed.map(|object| limits::check(section, object)) {
                let help = "keep to the limits of IoT Hub for device twins";
                compiler.error(&row, column, limit.to_string(), help);
            }
        }
        let reply = template(compiler, &row, Column::Reply).map(Reply::new);
        let twin = TwinTemplate::new(tags, desired, reply);
        compiler.twins.add(row.partition(), row.key(), twin);
    }
}

/// The template of a cell.
pub(super) fn template<'c>(
    compiler: &mut Compiler<'c>,
    row: &CanonicalRow<'c>,
    column: Column,
) -> Option<Template> {
    let object = serde_json::from_str(row.get(column)?).ok()?;
    let mut problems = Vec::new();
    let template = Template::compile(object, &compiler.patterns, &mut problems);
    compiler.problems(row, column, problems);
    if let Some(template) = &template {
        template.for_each_expression(&mut |expression| {
            compiler.compared(row, column, expression.comparisons());
        });
    }
    template
}
