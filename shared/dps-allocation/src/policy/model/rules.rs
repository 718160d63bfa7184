//! The rows of the `rules` table.

use super::hub_set::{HubIndex, HubSet};
use super::shared::Shared;
use super::twins::Twin;
use crate::expression::Expression;
use crate::schema::Placement;

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `PartitionKey`: a tenant or `*`.
    pub(crate) scope: Box<str>,
    /// `RowKey`.
    pub(crate) name: Box<str>,
    pub(crate) line: u32,
    /// None: the rule always matches.
    pub(crate) when: Option<Shared<Expression>>,
    /// The hubs in the rule's pools.
    pub(crate) pools: Option<HubSet>,
    pub(crate) hub: Option<HubIndex>,
    pub(crate) placement: Option<Placement>,
    pub(crate) twin: Option<Twin>,
    pub(crate) refuse: bool,
}
