//! The rows of the `rules` table.

use std::num::NonZeroU32;

use super::hub_set::{HubIndex, HubSet};
use super::shared::Shared;
use super::twins::Twin;
use crate::expression::Expression;
use crate::finding::Place;
use crate::schema::{Placement, TableName};

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `PartitionKey`: a tenant or `*`.
    pub(crate) scope: Box<str>,
    /// `RowKey`.
    pub(crate) name: Box<str>,
    /// The line of the CSV file, if the row comes from one.
    pub(crate) line: Option<NonZeroU32>,
    /// None: the rule always matches.
    pub(crate) when: Option<Shared<Expression>>,
    /// The hubs in the rule's pools.
    pub(crate) pools: Option<HubSet>,
    pub(crate) hub: Option<HubIndex>,
    pub(crate) placement: Option<Placement>,
    pub(crate) twin: Option<Twin>,
    pub(crate) refuse: bool,
}

impl Rule {
    /// Where findings about the row are.
    pub(crate) fn place(&self) -> Place {
        Place::row(TableName::Rules, &self.scope, &self.name, self.line)
    }
}
