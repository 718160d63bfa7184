//! Adds what several threads have counted.

use super::{FlowKey, GroupKey, Place, Tally};

impl Tally {
    /// Adds what another thread has counted.
    pub(crate) fn merge(&mut self, other: Self) {
        let Self {
            hubs,
            tenants,
            rows,
            ..
        } = self;
        let mut hub = |number: u32| hubs.number(other.hubs.name(number));
        let mut tenant = |number: u32| tenants.number(other.tenants.name(number));
        let mut row = |number: u32| rows.number(other.rows.name(number));
        self.loads.merge(&other.loads, &mut hub, &mut tenant);
        self.flows.merge(other.flows, |key| FlowKey {
            tenant: key.tenant.map(&mut tenant),
            from: key.from.map(&mut hub),
            to: match key.to {
                Place::Hub(number) => Place::Hub(hub(number)),
                reason @ Place::Reason(_) => reason,
            },
        });
        let mut place = |place: Place| match place {
            Place::Hub(number) => Place::Hub(hub(number)),
            reason @ Place::Reason(_) => reason,
        };
        for (key, ids) in other.groups {
            let key = GroupKey {
                tenant: key.tenant.map(&mut tenant),
                from: place(key.from),
                to: place(key.to),
                row: key.row.map(&mut row),
                ..key
            };
            self.groups.entry(key).or_default().merge(ids);
        }
        for ((from, decided_by), why) in other.whys {
            let key = (place(from), decided_by.map(&mut row));
            let is_first = self
                .whys
                .get(&key)
                .is_none_or(|known| why.order < known.order);
            if is_first {
                self.whys.insert(key, why);
            }
        }
        for (number, ids) in other.twins {
            self.twins.entry(tenant(number)).or_default().merge(ids);
        }
        for (asked, ids) in other.undecided {
            self.undecided.entry(asked).or_default().merge(ids);
        }
        self.across_residency.merge(other.across_residency);
        self.repeated.merge(other.repeated);
        self.faults.merge(other.faults);
        self.counts.merge(other.counts);
    }
}
