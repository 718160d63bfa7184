//! The rows of the `tenants` table.

use std::collections::HashMap;

use super::hub_list::HubList;
use super::hub_set::HubSet;
use super::shared::Shared;
use super::twins::Twin;
use crate::expression::Expression;
use crate::hash::weight::PlacementSalt;
use crate::schema::{OnReprovision, Placement, TenantState, WithoutLocation};
use crate::twin::Reply;

/// A tenant of the policy: its position in the order of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TenantIndex(u32);

impl TenantIndex {
    /// The tenant at that position, if a policy can have one there.
    pub(crate) fn new(position: usize) -> Option<Self> {
        u32::try_from(position).ok().map(Self)
    }

    /// The position in the order of ids.
    pub(crate) fn position(self) -> usize {
        self.0 as usize
    }
}

/// The settings of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TenantSettings {
    pub(crate) state: TenantState,
    /// The hubs in the tenant's pools.
    pub(crate) pools: HubSet,
    /// The hubs in the tenant's geographies.
    pub(crate) residency: HubSet,
    /// The hubs whose `tenants` name it, or are empty.
    pub(crate) admitted: HubSet,
    /// Whether pools or residency limit its hubs: a hub without a row is in none.
    pub(crate) is_limited: bool,
    pub(crate) placement: Placement,
    /// The hubs for placement `static`, in order.
    pub(crate) hubs: HubList,
    pub(crate) tolerance_ms: u16,
    pub(crate) without_location: WithoutLocation,
    pub(crate) on_reprovision: OnReprovision,
    pub(crate) location_from: Option<Shared<Expression>>,
    pub(crate) group_from: Option<Shared<Expression>>,
    pub(crate) twin: Option<Twin>,
    pub(crate) reply: Option<Shared<Reply>>,
    pub(crate) salt: Shared<PlacementSalt>,
}

impl TenantSettings {
    /// The hubs that pools, residency and the hubs' own `tenants` leave to a tenant.
    pub(crate) fn usable_hubs(&self) -> HubSet {
        self.pools.and(self.residency).and(self.admitted)
    }
}

/// All tenants in the order of their ids; those with equal settings share them.
#[derive(Debug, Default)]
pub(crate) struct Tenants {
    rows: Vec<(Box<str>, Shared<TenantSettings>)>,
}

/// A tenant with its settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TenantRef<'p> {
    pub(crate) index: TenantIndex,
    /// In lower case.
    pub(crate) id: &'p str,
    pub(crate) settings: &'p Shared<TenantSettings>,
}

impl Tenants {
    /// Builds from ids and settings in the order of the ids.
    pub(crate) fn new<'c>(rows: impl Iterator<Item = (&'c str, TenantSettings)>) -> Self {
        let mut distinct: HashMap<TenantSettings, Shared<TenantSettings>> = HashMap::new();
        let rows = rows.map(|(id, settings)| {
            let shared = distinct
                .entry(settings)
                .or_insert_with_key(|settings| Shared::new(settings.clone()));
            (id.into(), shared.clone())
        });
        Self {
            rows: rows.collect(),
        }
    }

    /// The tenant of that id, which is in lower case.
    pub(crate) fn find(&self, id: &str) -> Option<TenantRef<'_>> {
        let at = self.rows.binary_search_by(|(known, _)| (**known).cmp(id));
        TenantIndex::new(at.ok()?).map(|index| self.get(index))
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "an index of another policy must not pass for another tenant"
    )]
    pub(crate) fn get(&self, index: TenantIndex) -> TenantRef<'_> {
        let (id, settings) = &self.rows[index.position()];
        TenantRef {
            index,
            id,
            settings,
        }
    }

    /// All tenants in the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = TenantRef<'_>> {
        let indexes = (0..self.rows.len()).filter_map(TenantIndex::new);
        indexes.map(|index| self.get(index))
    }

    /// The ids of all tenants.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|(id, _)| &**id)
    }
}
