//! Rows that belong to one tenant or to all: the tenant's own come first.

/// Rows in `RowKey` order, by the tenant that they are for.
#[derive(Debug)]
pub(crate) struct Scoped<T> {
    all: Vec<T>,
    own: Vec<T>,
    /// Tenants that have rows of their own, in order, with the end of their range in `own`.
    tenants: Vec<(u32, usize)>,
}

impl<T> Default for Scoped<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            own: Vec::new(),
            tenants: Vec::new(),
        }
    }
}

impl<T> Scoped<T> {
    /// Builds from rows of `(tenant, row)`, none for `*`, each tenant's in `RowKey` order.
    pub(super) fn new(mut rows: Vec<(Option<u32>, T)>) -> Self {
        // Stable: the order of the keys stays.
        rows.sort_by_key(|(tenant, _)| *tenant);
        let mut scoped = Self::default();
        for (tenant, row) in rows {
            let Some(tenant) = tenant else {
                scoped.all.push(row);
                continue;
            };
            scoped.own.push(row);
            let end = scoped.own.len();
            match scoped.tenants.last_mut() {
                Some((last, last_end)) if *last == tenant => *last_end = end,
                _ => scoped.tenants.push((tenant, end)),
            }
        }
        scoped
    }

    /// The rows that apply to a tenant, its own before those of `*`.
    pub(crate) fn of(&self, tenant: u32) -> impl Iterator<Item = &T> {
        self.own(tenant).iter().chain(&self.all)
    }

    /// The rows of one tenant.
    pub(super) fn own(&self, tenant: u32) -> &[T] {
        let Ok(at) = self
            .tenants
            .binary_search_by_key(&tenant, |(tenant, _)| *tenant)
        else {
            return &[];
        };
        let start = at
            .checked_sub(1)
            .and_then(|before| self.tenants.get(before));
        let start = start.map_or(0, |(_, end)| *end);
        let end = self.tenants.get(at).map_or(start, |(_, end)| *end);
        self.own.get(start..end).unwrap_or_default()
    }

    /// The rows of `*`, and of each tenant that has its own.
    pub(super) fn groups(&self) -> impl Iterator<Item = (Option<u32>, &[T])> {
        let own = self
            .tenants
            .iter()
            .map(|(tenant, _)| (Some(*tenant), self.own(*tenant)));
        std::iter::once((None, self.all.as_slice())).chain(own)
    }
}
