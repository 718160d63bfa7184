//! How many devices each hub has, and how few moves would lead there.

use super::place::Place;

/// How many devices each hub has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loads {
    /// By hub: now, before and after the change.
    hubs: Vec<[u64; 3]>,
    /// By tenant and hub: devices that have a hub before and after the change. The first is of
    /// devices without a tenant.
    tenants: Vec<Vec<[u64; 2]>>,
}

impl Loads {
    pub(super) fn add(&mut self, tenant: Option<u32>, now: Option<u32>, from: Place, to: Place) {
        let hub = |place| match place {
            Place::Hub(hub) => Some(hub),
            Place::Reason(_) => None,
        };
        let (from, to) = (hub(from), hub(to));
        for (column, hub) in [now, from, to].into_iter().enumerate() {
            let load = hub.map(|hub| at(&mut self.hubs, hub));
            if let Some(number) = load.and_then(|it| it.get_mut(column)) {
                *number += 1;
            }
        }
        if let (Some(from), Some(to)) = (from, to) {
            let tenant = tenant.map_or(0, |tenant| tenant + 1);
            let loads = at(&mut self.tenants, tenant);
            at(loads, from)[0] += 1;
            at(loads, to)[1] += 1;
        }
    }

    /// Now, before and after the change.
    pub(crate) fn of(&self, hub: u32) -> [u64; 3] {
        let hub = usize::try_from(hub).ok();
        hub.and_then(|hub| self.hubs.get(hub))
            .copied()
            .unwrap_or_default()
    }

    /// How many hubs have numbers here.
    pub(crate) fn len(&self) -> usize {
        self.hubs.len()
    }

    /// The least number of moves that give every tenant as many devices on each hub.
    pub(crate) fn least_moves(&self) -> u64 {
        let hubs = self.tenants.iter().flatten();
        hubs.map(|[before, after]| before.saturating_sub(*after))
            .sum()
    }

    /// Adds others, whose hubs and tenants have these numbers here.
    pub(super) fn merge(
        &mut self,
        other: &Self,
        mut hub: impl FnMut(u32) -> u32,
        mut tenant: impl FnMut(u32) -> u32,
    ) {
        for (number, loads) in (0..).zip(&other.hubs) {
            if *loads != [0; 3] {
                add(at(&mut self.hubs, hub(number)), loads);
            }
        }
        for (number, hubs) in (0u32..).zip(&other.tenants) {
            if hubs.is_empty() {
                continue;
            }
            let number = number.checked_sub(1).map_or(0, |it| tenant(it) + 1);
            let here = at(&mut self.tenants, number);
            for (number, loads) in (0..).zip(hubs) {
                if *loads != [0; 2] {
                    add(at(here, hub(number)), loads);
                }
            }
        }
    }
}

fn add<const N: usize>(numbers: &mut [u64; N], more: &[u64; N]) {
    for (number, more) in numbers.iter_mut().zip(more) {
        *number += more;
    }
}

/// The item of a number; those before it are there too.
#[expect(
    clippy::indexing_slicing,
    reason = "the line above makes it long enough"
)]
fn at<T: Default + Clone>(items: &mut Vec<T>, number: u32) -> &mut T {
    let number = usize::try_from(number).unwrap_or_default();
    if items.len() <= number {
        items.resize(number + 1, T::default());
    }
    &mut items[number]
}
