//! The rules that apply to a device.

use smallvec::SmallVec;

use crate::policy::{FirstRule, HubIndex, Rule};
use crate::schema::Placement;

/// The rules that apply to a device: each one with mode `also` that matches, and the first of the
/// others.
///
/// Pools intersect, and twins are layers in this order. Only the first rule fixes a hub or changes
/// the placement. A rule that refuses the device is never among them.
#[derive(Default)]
pub(super) struct Applied<'a> {
    /// Those of `*` before the tenant's.
    pub(super) also: SmallVec<[&'a Rule; 4]>,
    pub(super) first: Option<&'a FirstRule>,
    /// The hub that its `hubFrom` names.
    pub(super) named: Option<HubIndex>,
}

impl<'a> Applied<'a> {
    /// The rules in the order in which their twins are merged.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a Rule> + Clone {
        let first = self.first.map(|first| &first.rule);
        self.also.iter().copied().chain(first)
    }

    /// The hubs that a rule names: the first that can be used is fixed.
    pub(super) fn hubs(&self) -> impl Iterator<Item = HubIndex> + Clone {
        let listed = self.first.map(|first| first.hubs).unwrap_or_default();
        self.named.into_iter().chain(listed.iter())
    }

    /// The placement that a rule names, and that rule.
    pub(super) fn placement(&self) -> Option<(Placement, &'a Rule)> {
        let first = self.first?;
        Some((first.placement?, &first.rule))
    }

    /// The rule that constrains most specifically: the last one with pools or a hub.
    pub(super) fn constraining(&self) -> Option<&'a Rule> {
        let fixing = self.first.filter(|_| self.hubs().next().is_some());
        let fixing = fixing.map(|first| &first.rule);
        fixing.or_else(|| self.iter().filter(|rule| rule.pools.is_some()).last())
    }
}
