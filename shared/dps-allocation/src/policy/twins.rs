//! The `twins` table.

use super::build::Build;
use crate::names::Names;
use crate::tables::{CanonicalRow, Column, TableName};
use crate::twin::{Template, TwinTemplate};
use crate::twin_limits::{self, Section};

/// The numbers of the twins, by scope and name.
#[derive(Debug, Default)]
pub(crate) struct TwinNames(Names);

impl TwinNames {
    /// Adds the next twin; no two have the same scope and name.
    fn add(&mut self, scope: &str, name: &str) {
        self.0.add(&joined(scope, name));
    }

    /// The tenant's own twin of that name before that of `*`.
    pub(super) fn find(&self, scope: &str, name: &str) -> Option<u32> {
        let own = self.0.number(&joined(scope, name));
        own.or_else(|| self.0.number(&joined("*", name)))
    }

    /// Whether any scope has a twin of that name.
    pub(super) fn have(&self, name: &str) -> bool {
        let mut parts = self.0.iter().filter_map(|joined| joined.split_once('/'));
        parts.any(|(_, twin)| twin == name)
    }

    /// The names of the twins that a scope may use.
    pub(super) fn of_scope(&self, scope: &str) -> impl Iterator<Item = &str> {
        let joined = self.0.iter();
        let parts = joined.filter_map(|joined| joined.split_once('/'));
        parts.filter_map(move |(of, name)| (of == scope || of == "*").then_some(name))
    }
}

/// No scope has a `/`.
fn joined(scope: &str, name: &str) -> String {
    format!("{scope}/{name}")
}

pub(super) fn build(build: &mut Build<'_>) {
    for row in build.rows.rows(TableName::Twins) {
        build.check_scope(&row);
        let tags = template(build, &row, Column::Tags);
        let desired = template(build, &row, Column::Desired);
        for (column, section, template) in [
            (Column::Tags, Section::Tags, &tags),
            (Column::Desired, Section::Desired, &desired),
        ] {
            let fixed = template.as_ref().and_then(Template::fixed);
            if let Some(Err(limit)) = fixed.map(|object| twin_limits::check(section, object)) {
                let help = "keep to the limits of IoT Hub for device twins";
                build.error(&row, column, limit.to_string(), help);
            }
        }
        build.twin_names.add(row.partition(), row.key());
        build.twins_named.push(false);
        build.twins.push(TwinTemplate::new(tags, desired));
    }
}

/// The template of a cell.
pub(super) fn template<'c>(
    build: &mut Build<'c>,
    row: &CanonicalRow<'c>,
    column: Column,
) -> Option<Template> {
    let object = serde_json::from_str(row.get(column)?).ok()?;
    let mut problems = Vec::new();
    let template = Template::compile(object, &mut problems);
    build.problems(row, column, problems);
    template
}
