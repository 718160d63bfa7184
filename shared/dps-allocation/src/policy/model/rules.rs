//! The rows of the `rules` table.

use std::num::NonZeroU32;

use super::hub_list::HubList;
use super::hub_set::HubSet;
use super::scoped::Scoped;
use super::shared::Shared;
use super::tenants::TenantIndex;
use super::twins::Twin;
use super::window::Window;
use crate::expression::Expression;
use crate::finding::Place;
use crate::schema::{Placement, TableName};

/// All rules, by how they apply.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Each that matches applies.
    pub(crate) also: Scoped<Rule>,
    /// Of these, the first that matches applies.
    pub(crate) first: Scoped<FirstRule>,
}

impl Rules {
    /// The rules of both modes, each with the tenant that it is for.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Option<TenantIndex>, &Rule)> {
        let first = self.first.each();
        let first = first.map(|(tenant, first)| (tenant, &first.rule));
        self.also.each().chain(first)
    }
}

/// What a rule of either mode has.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `PartitionKey`: a tenant or `*`.
    pub(crate) scope: Box<str>,
    /// `RowKey`.
    pub(crate) name: Box<str>,
    /// The line of the CSV file, if the row comes from one.
    pub(crate) line: Option<NonZeroU32>,
    /// None: true for every device.
    pub(crate) when: Option<Shared<Expression>>,
    /// The rule does not match where this is true.
    pub(crate) unless: Option<Shared<Expression>>,
    /// When the rule exists; none: always.
    pub(crate) window: Option<Window>,
    /// The hubs in the rule's pools.
    pub(crate) pools: Option<HubSet>,
    pub(crate) twin: Option<Twin>,
    pub(crate) refuse: bool,
}

impl Rule {
    /// Where findings about the row are.
    pub(crate) fn place(&self) -> Place {
        Place::row(TableName::Rules, &self.scope, &self.name, self.line)
    }
}

/// A rule with mode `first`: only the first one that matches applies, so no two can fix the hub.
#[derive(Debug)]
pub(crate) struct FirstRule {
    pub(crate) rule: Rule,
    /// It fixes the first of these hubs that can be used.
    pub(crate) hubs: HubList,
    /// Names a hub that comes before `hubs`.
    pub(crate) hub_from: Option<Shared<Expression>>,
    pub(crate) placement: Option<Placement>,
}
