//! Compiles canonical rows table by table; what one table names, an earlier one has built.

use std::collections::HashMap;
use std::hash::Hash;

use super::faults::Faults;
use super::{Policy, Revision, check, devices, enrollments, hub_rows, latency};
use super::{rollouts, rules, tenants, twins, twins::TwinNames};
use crate::expression::{Expression, Problem, Use};
use crate::finding::{Finding, Place};
use crate::hubs::{HubIndex, HubSet, Hubs};
use crate::names::{Names, to_u32};
use crate::nearest::did_you_mean;
use crate::tables::{Canonical, CanonicalRow, Column, TableName, items};
use crate::twin::{Reply, TwinTemplate};
use crate::weight::PlacementSalt;

/// What has been built so far, and what is wrong.
pub(super) struct Build<'c> {
    pub(super) rows: &'c Canonical,
    pub(super) findings: Vec<Finding>,
    faults: Faults,
    pub(super) hubs: Hubs,
    /// Regions of the hubs; a hub keeps the number.
    pub(super) regions: Names,
    /// The hubs of each pool.
    pub(super) pools: HashMap<&'c str, HubSet>,
    pub(super) tenant_ids: Names,
    pub(super) places: Names,
    pub(super) twins: Vec<TwinTemplate>,
    pub(super) twin_names: TwinNames,
    pub(super) twins_named: Vec<bool>,
    pub(super) replies: Interned<&'c str, Reply>,
    pub(super) salts: Interned<&'c str, PlacementSalt>,
    expressions: Interned<&'c str, Expression>,
    hub_sets: Interned<HubSet, HubSet>,
}

/// Values that many rows share, each built once.
pub(super) struct Interned<K, V> {
    numbers: HashMap<K, u32>,
    values: Vec<V>,
}

impl<K, V> Default for Interned<K, V> {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            values: Vec::new(),
        }
    }
}

impl<K: Eq + Hash, V> Interned<K, V> {
    pub(super) fn add<E>(
        &mut self,
        key: K,
        value: impl FnOnce() -> Result<V, E>,
    ) -> Result<u32, E> {
        if let Some(known) = self.numbers.get(&key) {
            return Ok(*known);
        }
        let number = to_u32(self.values.len());
        self.values.push(value()?);
        self.numbers.insert(key, number);
        Ok(number)
    }
}

/// Builds the policy; it may be used only if none of the findings is an error.
pub(super) fn build(rows: &Canonical, findings: Vec<Finding>) -> (Policy, Vec<Finding>) {
    let mut build = Build {
        rows,
        faults: Faults::of(rows, &findings),
        findings,
        hubs: Hubs::default(),
        regions: Names::default(),
        pools: HashMap::new(),
        tenant_ids: Names::default(),
        places: Names::default(),
        twins: Vec::new(),
        twin_names: TwinNames::default(),
        twins_named: Vec::new(),
        replies: Interned::default(),
        salts: Interned::default(),
        expressions: Interned::default(),
        hub_sets: Interned::default(),
    };
    hub_rows::names(&mut build);
    tenants::names(&mut build);
    twins::build(&mut build);
    hub_rows::build(&mut build);
    let tenants = tenants::build(&mut build);
    let enrollments = enrollments::build(&mut build);
    let rules = rules::build(&mut build);
    let rollouts = rollouts::build(&mut build);
    let latency = latency::build(&mut build);
    let mut policy = Policy {
        revision: Revision::of(rows),
        rows: TableName::ALL.map(|table| rows.len(table)),
        hubs: build.hubs,
        enrollments,
        tenants,
        rules,
        rollouts,
        latency,
        devices: devices::Devices::default(),
        expressions: build.expressions.values,
        hub_sets: build.hub_sets.values,
        places: build.places,
        replies: build.replies.values,
        salts: build.salts.values,
        twins: build.twins,
        twin_names: build.twin_names,
    };
    let (mut twins_named, mut findings) = (build.twins_named, build.findings);
    let mut faults = build.faults;
    faults.see(&findings);
    devices::build(&mut policy, rows, &faults, &mut twins_named, &mut findings);
    policy.places.shrink();
    faults.see(&findings);
    check::check(&policy, rows, &faults, &twins_named, &mut findings);
    (policy, findings)
}

impl<'c> Build<'c> {
    /// Reports an error in a cell of a row.
    pub(super) fn error(
        &mut self,
        row: &CanonicalRow<'c>,
        column: Column,
        rule: impl Into<String>,
        help: &str,
    ) {
        self.findings
            .push(row.place().error(column.as_str(), rule, help));
    }

    /// Whether an error may be the reason that no row of a table has some value in this column.
    pub(super) fn may_hide(&mut self, table: TableName, column: Column) -> bool {
        self.faults.see(&self.findings);
        self.faults.may_hide(table, column)
    }

    /// Reports that a table has no row, unless its rows could not be read.
    pub(super) fn no_row(&mut self, name: TableName, rule: &str, help: &str) {
        if self.rows.len(name) == 0 && !self.may_hide(name, Column::RowKey) {
            self.findings.push(table(name).error("", rule, help));
        }
    }

    /// Reports that a cell is empty; one that is not understood has been reported.
    pub(super) fn missing(
        &mut self,
        row: &CanonicalRow<'c>,
        column: Column,
        rule: &str,
        help: &str,
    ) {
        if !row.has(column) {
            self.error(row, column, rule, help);
        }
    }

    /// Reports what is wrong with the expressions of a cell.
    pub(super) fn problems(
        &mut self,
        row: &CanonicalRow<'c>,
        column: Column,
        problems: impl IntoIterator<Item = Problem>,
    ) {
        let findings = problems.into_iter().map(|problem| Finding {
            severity: problem.severity,
            ..row
                .place()
                .error(column.as_str(), problem.rule, &problem.help)
        });
        self.findings.extend(findings);
    }

    /// The expression of a cell.
    pub(super) fn expression(&mut self, row: &CanonicalRow<'c>, column: Column) -> Option<u32> {
        let source = row.get(column)?;
        let used = match column {
            Column::TenantFrom => Use::Tenant,
            Column::LocationFrom => Use::Location,
            _ => Use::Condition,
        };
        let known = self.expressions.add(source, || Expression::compile(source));
        let number = match known {
            Ok(number) => number,
            Err(errors) => {
                self.problems(row, column, errors);
                return None;
            }
        };
        let expression = self.expressions.values.get(number as usize)?;
        let problems = expression.problems(used);
        self.problems(row, column, problems);
        Some(number)
    }

    /// The twin that a cell names: the tenant's own before that of `*`.
    pub(super) fn twin(&mut self, row: &CanonicalRow<'c>, scope: &str) -> Option<u32> {
        let name = row.get(Column::Twin)?;
        let Some(number) = self.twin_names.find(scope, name) else {
            // Which twins a row may name depends on its tenant.
            let is_certain = scope == "*" || self.tenant_ids.number(scope).is_some();
            let is_unknown = is_certain || !self.twin_names.have(name);
            if is_unknown && !self.may_hide(TableName::Twins, Column::RowKey) {
                let finding = no_twin(row, scope, name, &self.twin_names);
                self.findings.push(finding);
            }
            return None;
        };
        if let Some(named) = self.twins_named.get_mut(number as usize) {
            *named = true;
        }
        Some(number)
    }

    /// The hub that a cell names.
    pub(super) fn hub(&mut self, row: &CanonicalRow<'c>) -> Option<HubIndex> {
        let host = row.get(Column::Hub)?;
        let hub = self.hubs.find(host);
        if hub.is_none() && !self.may_hide(TableName::Hubs, Column::RowKey) {
            self.findings.push(no_hub(row, host, &self.hubs));
        }
        hub
    }

    /// The hubs of the pools that a cell names; none when it is empty.
    pub(super) fn pools(&mut self, row: &CanonicalRow<'c>) -> Option<HubSet> {
        let mut set = HubSet::default();
        for pool in items(row.get(Column::Pools)?) {
            let Some(hubs) = self.pools.get(pool) else {
                if !self.may_hide(TableName::Hubs, Column::Pools) {
                    let rule = format!("no hub is in a pool `{pool}`");
                    let meant = did_you_mean(pool, self.pools.keys().copied());
                    let help = format!("{meant}name the pool in a row of hubs");
                    self.error(row, Column::Pools, rule, &help);
                }
                // What follows from it is not reported too.
                return Some(self.hubs.all);
            };
            set = set.or(*hubs);
        }
        Some(set)
    }

    /// The hubs that a cell names, by host name or by pool; none when it is empty.
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
                    self.error(row, column, rule, &help);
                }
            }
        }
        Some(set)
    }

    /// Keeps a set of hubs once.
    pub(super) fn hub_set(&mut self, set: HubSet) -> u32 {
        let Ok(number) = self
            .hub_sets
            .add(set, || Ok::<_, std::convert::Infallible>(set));
        number
    }

    /// The location of a cell.
    pub(super) fn location(&mut self, row: &CanonicalRow<'c>) -> Option<u32> {
        row.get(Column::Location)
            .map(|location| self.places.add(location))
    }

    /// A scope must be `*` or a tenant; reports it when it is neither.
    pub(super) fn check_scope(&mut self, row: &CanonicalRow<'c>) {
        let scope = row.partition();
        let unknown = scope != "*" && self.tenant_ids.number(scope).is_none();
        if unknown && !self.may_hide(TableName::Tenants, Column::RowKey) {
            let meant = did_you_mean(scope, self.tenant_ids.iter());
            let help = format!("{meant}add the tenant, or write * for all");
            self.error(row, Column::PartitionKey, unknown_tenant(scope), &help);
        }
    }
}

/// A cell names a hub that the policy does not have.
pub(super) fn no_hub(row: &CanonicalRow<'_>, host: &str, hubs: &Hubs) -> Finding {
    let rule = format!("hub `{host}` is not in the hubs table");
    let meant = did_you_mean(host, hubs.hosts());
    let help = format!("{meant}add the hub or correct its host name");
    row.place().error(Column::Hub.as_str(), rule, &help)
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
    row.place()
        .error(column.as_str(), unknown_tenant(tenant), &help)
}

fn unknown_tenant(tenant: &str) -> String {
    format!("tenant `{tenant}` is not in the tenants table")
}

/// A cell names a twin that the policy does not have for the scope.
pub(super) fn no_twin(
    row: &CanonicalRow<'_>,
    scope: &str,
    name: &str,
    twins: &TwinNames,
) -> Finding {
    let rule = if scope == "*" {
        format!("there is no twin `{name}` for `*`")
    } else {
        format!("there is no twin `{name}` for `{scope}` or `*`")
    };
    let meant = did_you_mean(name, twins.of_scope(scope));
    let help = format!("{meant}add a row to twins or correct the name");
    row.place().error(Column::Twin.as_str(), rule, &help)
}

/// The place of a whole table.
pub(super) fn table(table: TableName) -> Place<'static> {
    Place {
        table,
        partition: "",
        row: "",
        line: 0,
    }
}

/// A canonical whole number.
pub(super) fn number<N: TryFrom<u32>>(row: &CanonicalRow<'_>, column: Column, default: N) -> N {
    let value = row.get(column).and_then(|text| text.parse::<u32>().ok());
    value
        .and_then(|value| N::try_from(value).ok())
        .unwrap_or(default)
}
