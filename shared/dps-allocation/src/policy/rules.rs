//! The `rules` table.

use super::build::Build;
use super::{Placement, Scoped};
use crate::hubs::HubIndex;
use crate::tables::{Column, TableName};

/// A row of the table; numbers refer to parts of the policy.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `PartitionKey`: a tenant or `*`.
    pub(crate) scope: Box<str>,
    /// `RowKey`.
    pub(crate) name: Box<str>,
    pub(crate) line: u32,
    /// None: always.
    pub(crate) when: Option<u32>,
    /// Set of the hubs in the rule's pools.
    pub(crate) pools: Option<u32>,
    pub(crate) hub: Option<HubIndex>,
    pub(crate) placement: Option<Placement>,
    pub(crate) twin: Option<u32>,
    pub(crate) refuse: bool,
}

pub(super) fn build(build: &mut Build<'_>) -> Scoped<Rule> {
    let mut rules = Vec::new();
    for row in build.rows.rows(TableName::Rules) {
        build.check_scope(&row);
        let pools = build.pools(&row);
        let rule = Rule {
            scope: row.partition().into(),
            name: row.key().into(),
            line: row.place().line,
            when: build.expression(&row, Column::When),
            pools: pools.map(|pools| build.hub_set(pools)),
            hub: build.hub(&row),
            placement: Placement::of(&row),
            twin: build.twin(&row, row.partition()),
            refuse: row.get(Column::Refuse) == Some("true"),
        };
        rules.push((build.tenant_ids.number(row.partition()), rule));
    }
    Scoped::new(rules)
}
