//! What cells refer to: expressions, twins, hubs, pools and tenants.

use super::compiler::Compiler;
use crate::expression::{Expression, Purpose};
use crate::finding::Finding;
use crate::glob::Glob;
use crate::nearest::did_you_mean;
use crate::policy::model::{
    AllowedTenants, HubList, HubSet, Hubs, Shared, TenantIndex, Twin, Twins,
};
use crate::schema::{Column, TableName};
use crate::tables::{CanonicalRow, items};

impl<'c> Compiler<'c> {
    /// The expression of a cell.
    pub(super) fn expression(
        &mut self,
        row: &CanonicalRow<'c>,
        column: Column,
        purpose: Purpose,
    ) -> Option<Shared<Expression>> {
        let source = row.get(column)?;
        let expression = match self.expressions.get(source) {
            Some(known) => known.clone(),
            None => match Expression::compile(source, &self.patterns) {
                Ok(expression) => {
                    let expression = Shared::new(expression);
                    self.expressions.insert(source, expression.clone());
                    expression
                }
                Err(errors) => {
                    self.problems(row, column, errors);
                    return None;
                }
            },
        };
        self.problems(row, column, expression.problems(purpose));
        self.compared(row, column, expression.comparisons());
        Some(expression)
    }

    /// The twin that a cell names: the tenant's own before that of `*`.
    pub(super) fn twin(&mut self, row: &CanonicalRow<'c>, scope: &str) -> Option<Twin> {
        let name = row.get(Column::Twin)?;
        if let Some(twin) = self.twins.find(scope, name).cloned() {
            self.named_twins.insert(twin.clone());
            return Some(twin);
        }
        // Which twins a row may name depends on its tenant.
        let is_certain = scope == "*" || self.tenant(scope).is_some();
        let is_unknown = is_certain || !self.twins.has(name);
        if is_unknown && !self.may_hide(TableName::Twins, Column::RowKey) {
            let finding = no_twin(row, scope, name, &self.twins);
            self.findings.push(finding);
        }
        None
    }

    /// The hubs that a cell lists.
    pub(super) fn hubs(&mut self, row: &CanonicalRow<'c>) -> HubList {
        let is_hidden = self.may_hide(TableName::Hubs, Column::RowKey);
        listed_hubs(row, &self.hubs, is_hidden, &mut self.findings)
    }

    /// The hubs of the pools that a cell names; none if it is empty.
    pub(super) fn pools(&mut self, row: &CanonicalRow<'c>) -> Option<HubSet> {
        let mut set = HubSet::default();
        for pool in items(row.get(Column::Pools)?) {
            let Some(hubs) = self.pools.get(pool) else {
                if !self.may_hide(TableName::Hubs, Column::Pools) {
                    let rule = format!("no hub is in a pool `{pool}`");
                    let meant = did_you_mean(pool, self.pools.keys().copied());
                    let help = format!("{meant}name the pool in a row of hubs");
                    self.error(row, Column::Pools, rule, help);
                }
                // The consequences of the unknown pool are not reported too.
                return Some(self.hubs.all);
            };
            set = set.or(*hubs);
        }
        Some(set)
    }

    /// The hubs of the geographies that a row limits its devices to; none if it names none.
    pub(super) fn residency(&mut self, row: &CanonicalRow<'c>) -> Option<HubSet> {
        match residency(row.get(Column::Residency)?, &self.hubs) {
            Ok(hubs) => Some(hubs),
            Err(unknown) => {
                if !self.may_hide(TableName::Hubs, Column::Geography) {
                    self.findings.push(no_geography(row, unknown, &self.hubs));
                }
                // The consequences of the unknown geography are not reported too.
                Some(self.hubs.all)
            }
        }
    }

    /// The hubs that a cell names, by host name or by pool; none if it is empty.
    pub(super) fn hubs_or_pools(
        &mut self,
        row: &CanonicalRow<'c>,
        column: Column,
    ) -> Option<HubSet> {
        let mut set = HubSet::default();
        for name in items(row.get(column)?) {
            match (self.hubs.find(name), self.pools.get(name).copied()) {
                (Some(hub), _) => set.insert(hub),
                (None, Some(hubs)) => set = set.or(hubs),
                (None, None) if self.may_hide(TableName::Hubs, Column::Pools) => {}
                (None, None) => {
                    let rule = format!("`{name}` is neither a hub nor a pool");
                    let names = self.hubs.hosts().chain(self.pools.keys().copied());
                    let meant = did_you_mean(name, names);
                    let help = format!("{meant}name a row of hubs, or a pool of one");
                    self.error(row, column, rule, help);
                }
            }
        }
        Some(set)
    }

    /// The tenants that a row lists, each by its id or by a glob; none of them if the cell is empty.
    pub(super) fn allowed_tenants(&mut self, row: &CanonicalRow<'c>) -> AllowedTenants {
        let mut listed: Vec<TenantIndex> = Vec::new();
        for item in row.get(Column::Tenants).into_iter().flat_map(items) {
            if item == "*" {
                return AllowedTenants::Any;
            }
            let before = listed.len();
            if Glob::is_glob(item) {
                let glob = Glob::new(item);
                let ids = self.tenant_ids.iter().enumerate();
                let matching = ids.filter(|(_, id)| glob.matches(id));
                listed.extend(matching.filter_map(|(position, _)| TenantIndex::new(position)));
            } else {
                listed.extend(self.tenant(item));
            }
            if listed.len() == before && !self.may_hide(TableName::Tenants, Column::RowKey) {
                let rule = format!("no tenant is `{item}`");
                let meant = did_you_mean(item, self.tenant_ids.iter().copied());
                let help = format!("{meant}add the tenant or correct its id");
                self.error(row, Column::Tenants, rule, &help);
            }
        }
        listed.sort_unstable();
        listed.dedup();
        match *listed {
            [one] => AllowedTenants::One(one),
            _ => AllowedTenants::Listed(listed.into()),
        }
    }

    /// Reports a scope that is neither `*` nor a tenant.
    pub(super) fn check_scope(&mut self, row: &CanonicalRow<'c>) {
        let scope = row.partition();
        let is_unknown = scope != "*" && self.tenant(scope).is_none();
        if is_unknown && !self.may_hide(TableName::Tenants, Column::RowKey) {
            let meant = did_you_mean(scope, self.tenant_ids.iter().copied());
            let help = format!("{meant}add the tenant, or write * for all");
            self.error(row, Column::PartitionKey, unknown_tenant(scope), &help);
        }
    }
}

/// The hubs of the geographies that a cell names, or the first of them that no hub is in.
pub(super) fn residency<'n>(cell: &'n str, hubs: &Hubs) -> Result<HubSet, &'n str> {
    items(cell).try_fold(HubSet::default(), |set, geography| {
        let inside = hubs.matching(|hub| hub.geography.as_deref() == Some(geography));
        (!inside.is_empty())
            .then_some(set.or(inside))
            .ok_or(geography)
    })
}

/// A cell names a geography that no hub is in.
pub(super) fn no_geography(row: &CanonicalRow<'_>, geography: &str, hubs: &Hubs) -> Finding {
    let rule = format!("no hub is in the geography `{geography}`");
    let all = hubs.iter();
    let meant = did_you_mean(geography, all.filter_map(|hub| hub.geography.as_deref()));
    let help = format!("{meant}name the geography in a row of hubs");
    row.cell(Column::Residency).error(rule, help)
}

/// The hubs that a cell lists; reports those that the policy does not have, unless an error may hide
/// them.
pub(super) fn listed_hubs(
    row: &CanonicalRow<'_>,
    hubs: &Hubs,
    is_hidden: bool,
    findings: &mut Vec<Finding>,
) -> HubList {
    let mut list = HubList::default();
    for host in row.get(Column::Hub).into_iter().flat_map(items) {
        match hubs.find(host) {
            Some(hub) => list.push(hub),
            None if is_hidden => {}
            None => findings.push(no_hub(row, host, hubs)),
        }
    }
    list
}

/// A cell names a hub that the policy does not have.
fn no_hub(row: &CanonicalRow<'_>, host: &str, hubs: &Hubs) -> Finding {
    let rule = format!("hub `{host}` is not in the hubs table");
    let meant = did_you_mean(host, hubs.hosts());
    let help = format!("{meant}add the hub or correct its host name");
    row.cell(Column::Hub).error(rule, help)
}

/// A cell names a tenant that the policy does not have.
pub(super) fn no_tenant<'n>(
    row: &CanonicalRow<'_>,
    column: Column,
    tenant: &str,
    tenants: impl Iterator<Item = &'n str>,
) -> Finding {
    let meant = did_you_mean(tenant, tenants);
    let help = format!("{meant}add the tenant or correct its id");
    row.cell(column).error(unknown_tenant(tenant), help)
}

fn unknown_tenant(tenant: &str) -> String {
    format!("tenant `{tenant}` is not in the tenants table")
}

/// A cell names a twin that the policy does not have for the scope.
pub(super) fn no_twin(row: &CanonicalRow<'_>, scope: &str, name: &str, twins: &Twins) -> Finding {
    let rule = if scope == "*" {
        format!("there is no twin `{name}` for `*`")
    } else {
        format!("there is no twin `{name}` for `{scope}` or `*`")
    };
    let meant = did_you_mean(name, twins.names_for(scope));
    let help = format!("{meant}add a row to twins or correct the name");
    row.cell(Column::Twin).error(rule, help)
}
