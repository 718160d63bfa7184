//! Rows that belong to one tenant or to all: the tenant's own come first.

use std::collections::BTreeMap;

use super::tenants::TenantIndex;

/// Rows in `RowKey` order, by the tenant to which they apply.
#[derive(Debug)]
pub(crate) struct Scoped<T> {
    all: Vec<T>,
    own: BTreeMap<TenantIndex, Vec<T>>,
}

impl<T> Scoped<T> {
    /// Builds from rows in `RowKey` order, each with its tenant; none means `*`.
    pub(crate) fn new(rows: Vec<(Option<TenantIndex>, T)>) -> Self {
        let mut scoped = Self {
            all: Vec::new(),
            own: BTreeMap::new(),
        };
        for (tenant, row) in rows {
            match tenant {
                Some(tenant) => scoped.own.entry(tenant).or_default().push(row),
                None => scoped.all.push(row),
            }
        }
        scoped
    }

    /// The rows that apply to a tenant, its own before those of `*`.
    pub(crate) fn of(&self, tenant: TenantIndex) -> impl Iterator<Item = &T> {
        let own = self.own.get(&tenant).map_or(&[][..], |rows| rows);
        own.iter().chain(&self.all)
    }

    /// The rows that apply to a tenant, those of `*` before its own.
    pub(crate) fn of_all_and(&self, tenant: TenantIndex) -> impl Iterator<Item = &T> {
        let own = self.own.get(&tenant).map_or(&[][..], |rows| rows);
        self.all.iter().chain(own)
    }

    /// Whether a tenant has rows of its own.
    pub(crate) fn has_own(&self, tenant: TenantIndex) -> bool {
        self.own.contains_key(&tenant)
    }

    /// The rows of `*`, and of each tenant that has its own.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (Option<TenantIndex>, &[T])> {
        let own = self.own.iter();
        let own = own.map(|(tenant, rows)| (Some(*tenant), rows.as_slice()));
        std::iter::once((None, self.all.as_slice())).chain(own)
    }

    /// Each row, with the tenant that it is for.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Option<TenantIndex>, &T)> {
        let groups = self.groups();
        groups.flat_map(|(scope, rows)| rows.iter().map(move |row| (scope, row)))
    }
}
