//! The `tenants` table.

use std::collections::HashMap;

use super::build::{Build, number};
use super::twins;
use crate::hubs::HubSet;
use crate::names::{Names, to_u32};
use crate::nearest::did_you_mean;
use crate::tables::{CanonicalRow, Column, TableName, items};
use crate::twin::Reply;
use crate::weight::PlacementSalt;

/// Default of `toleranceMs`: hubs this close to the nearest one count as equally near.
const DEFAULT_TOLERANCE_MS: u16 = 10;

/// All tenants; those with the same settings share them.
#[derive(Debug)]
pub(crate) struct Tenants {
    ids: Names,
    settings_of: Vec<u32>,
    settings: Vec<Tenant>,
}

/// The settings of a tenant; numbers refer to parts of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tenant {
    pub(crate) state: TenantState,
    /// Set of the hubs in the tenant's pools.
    pub(crate) pools: u32,
    /// Set of the hubs in the tenant's geographies.
    pub(crate) residency: u32,
    pub(crate) placement: Placement,
    pub(crate) tolerance_ms: u16,
    pub(crate) without_location: WithoutLocation,
    pub(crate) on_reprovision: OnReprovision,
    pub(crate) location_from: Option<u32>,
    pub(crate) twin: Option<u32>,
    pub(crate) reply: Option<u32>,
    pub(crate) salt: u32,
}

/// Whether a tenant's devices are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TenantState {
    Active,
    Suspended,
}

/// How the hub of a device without one is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Placement {
    /// The nearest hubs, among them by weight.
    Latency,
    /// By weight.
    Weighted,
    /// Everybody on the first hub in host-name order that has a weight.
    Static,
}

impl Placement {
    /// The placement that a row names.
    pub(crate) fn of(row: &CanonicalRow<'_>) -> Option<Self> {
        row.get(Column::Placement).map(|word| match word {
            "latency" => Self::Latency,
            "static" => Self::Static,
            _ => Self::Weighted,
        })
    }
}

/// What `latency` does without a usable location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum WithoutLocation {
    Weighted,
    Refuse,
}

/// What happens to a device that has a hub it may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum OnReprovision {
    Stay,
    Replace,
}

impl Tenants {
    /// The number of a tenant, whose id is in lower case.
    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        self.ids.number(id)
    }

    /// The id of a tenant.
    pub(crate) fn id(&self, tenant: u32) -> &str {
        self.ids.text(tenant)
    }

    /// How many tenants there are.
    pub(super) fn len(&self) -> usize {
        self.settings_of.len()
    }

    /// The ids of all tenants.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter()
    }

    /// The settings of a tenant.
    pub(crate) fn get(&self, tenant: u32) -> Option<&Tenant> {
        self.settings
            .get(*self.settings_of.get(tenant as usize)? as usize)
    }

    /// Each different settings, with the number of the first tenant that has them.
    pub(crate) fn different(&self) -> impl Iterator<Item = (u32, &Tenant)> {
        self.different_without(&[])
    }

    /// The same, some tenants left out; their numbers are in order.
    pub(super) fn different_without(
        &self,
        left_out: &[u32],
    ) -> impl Iterator<Item = (u32, &Tenant)> {
        let mut first: Vec<Option<u32>> = vec![None; self.settings.len()];
        for (tenant, settings) in (0..).zip(&self.settings_of) {
            if let Some(slot @ None) = first.get_mut(*settings as usize)
                && left_out.binary_search(&tenant).is_err()
            {
                *slot = Some(tenant);
            }
        }
        let named = first.into_iter().zip(&self.settings);
        named.filter_map(|(tenant, settings)| Some((tenant?, settings)))
    }
}

/// Numbers the tenants in the order of their ids.
pub(super) fn names(build: &mut Build<'_>) {
    let help = "add a row for each tenant; a single-tenant fleet has one";
    build.no_row(TableName::Tenants, "there is no tenant", help);
    for row in build.rows.rows(TableName::Tenants) {
        build.tenant_ids.add(row.key());
    }
    build.tenant_ids.shrink();
}

pub(super) fn build(build: &mut Build<'_>) -> Tenants {
    let rows = build.rows;
    let mut numbers: HashMap<Tenant, u32> = HashMap::new();
    let mut tenants = Tenants {
        ids: Names::default(),
        settings_of: Vec::new(),
        settings: Vec::new(),
    };
    for row in rows.rows(TableName::Tenants) {
        let tenant = settings(build, &row);
        let next = to_u32(tenants.settings.len());
        let number = *numbers.entry(tenant).or_insert_with_key(|tenant| {
            tenants.settings.push(tenant.clone());
            next
        });
        tenants.settings_of.push(number);
    }
    tenants.ids = build.tenant_ids.clone();
    tenants.settings_of.shrink_to_fit();
    tenants
}

fn settings<'c>(build: &mut Build<'c>, row: &CanonicalRow<'c>) -> Tenant {
    let pools = build.pools(row).unwrap_or(build.hubs.all);
    let residency = residency(build, row);
    let salt = row.get(Column::Salt).unwrap_or_default();
    let salts = build.salts.add(salt, || Ok(PlacementSalt::new(salt)));
    let Ok(salt) = salts as Result<u32, std::convert::Infallible>;
    Tenant {
        state: match row.get(Column::State) {
            Some("suspended") => TenantState::Suspended,
            _ => TenantState::Active,
        },
        pools: build.hub_set(pools),
        residency: build.hub_set(residency),
        placement: Placement::of(row).unwrap_or(Placement::Weighted),
        tolerance_ms: number(row, Column::ToleranceMs, DEFAULT_TOLERANCE_MS),
        without_location: match row.get(Column::WithoutLocation) {
            Some("refuse") => WithoutLocation::Refuse,
            _ => WithoutLocation::Weighted,
        },
        on_reprovision: match row.get(Column::OnReprovision) {
            Some("replace") => OnReprovision::Replace,
            _ => OnReprovision::Stay,
        },
        location_from: build.expression(row, Column::LocationFrom),
        twin: build.twin(row, row.key()),
        reply: reply(build, row),
        salt,
    }
}

/// The hubs of the geographies that a tenant's data may be in; all without such a rule.
fn residency<'c>(build: &mut Build<'c>, row: &CanonicalRow<'c>) -> HubSet {
    let Some(geographies) = row.get(Column::Residency) else {
        return build.hubs.all;
    };
    let mut set = HubSet::default();
    for geography in items(geographies) {
        let hubs = build
            .hubs
            .matching(|hub| hub.geography.as_deref() == Some(geography));
        if hubs.is_empty() {
            if !build.may_hide(TableName::Hubs, Column::Geography) {
                let rule = format!("no hub is in the geography `{geography}`");
                let all = build.hubs.rows.iter();
                let meant = did_you_mean(geography, all.filter_map(|hub| hub.geography.as_deref()));
                let help = format!("{meant}name the geography in a row of hubs");
                build.error(row, Column::Residency, rule, &help);
            }
            // What follows from it is not reported too.
            return build.hubs.all;
        }
        set = set.or(hubs);
    }
    set
}

fn reply<'c>(build: &mut Build<'c>, row: &CanonicalRow<'c>) -> Option<u32> {
    let source = row.get(Column::Reply)?;
    let template = twins::template(build, row, Column::Reply)?;
    let Ok(number) = build.replies.add(source, || {
        Ok::<_, std::convert::Infallible>(Reply::new(template))
    });
    Some(number)
}
