//! Narrows the hubs, constraint by constraint.

use super::applied::Applied;
use crate::explanation::Verdict;
use crate::policy::{HubIndex, HubSet, Hubs};
use crate::trace::Trace;

/// The hubs that no constraint has excluded so far, and the trace of the others.
pub(super) struct Remaining<'t> {
    pub(super) hubs: HubSet,
    pub(super) trace: &'t mut Trace,
}

impl Remaining<'_> {
    pub(super) fn narrow_to(
        &mut self,
        allowed: HubSet,
        verdict: Verdict,
        because: impl Fn() -> String,
    ) {
        let excluded = self.hubs.without(allowed);
        self.trace.exclude(excluded, verdict, |_| because());
        self.hubs = self.hubs.and(allowed);
    }

    /// Narrows to the hubs inside a residency.
    pub(super) fn narrow_to_residency(&mut self, inside: HubSet, of: &str) {
        self.narrow_to(inside, Verdict::OutsideResidency, || {
            format!("outside {of}")
        });
    }

    /// Narrows to the hubs that are in the pools of every rule.
    pub(super) fn narrow_to_pools(&mut self, rules: &Applied<'_>) {
        for rule in &rules.also {
            if let Some(pools) = rule.pools {
                self.narrow_to(pools, Verdict::NotInRulePools, || {
                    let name = &rule.name;
                    format!("in none of the pools that the also rule `{name}` names")
                });
            }
        }
        if let Some(pools) = rules.first.and_then(|first| first.rule.pools) {
            self.narrow_to(pools, Verdict::NotInRulePools, || {
                "in none of the pools that the rule names".to_owned()
            });
        }
    }

    /// Narrows to the hub that a row fixes; returns whether it fixes one.
    pub(super) fn narrow_to_fixed<I>(
        &mut self,
        fixed: Option<Fixed<I>>,
        by: &str,
        hubs: &Hubs,
    ) -> bool
    where
        I: Iterator<Item = HubIndex> + Clone,
    {
        let Some(fixed) = fixed else {
            return false;
        };
        let allowed = fixed
            .used
            .map_or_else(|| fixed.listed.clone().collect(), HubSet::from);
        self.narrow_to(allowed, Verdict::NotFixedHub, || {
            let listed: Vec<&str> = fixed.listed.clone().map(|hub| hubs.host(hub)).collect();
            let names = format!("{by} names {}", listed.join(", "));
            match fixed.used {
                Some(used) if listed.len() > 1 => {
                    format!("{names}: the first that can be used is {}", hubs.host(used))
                }
                _ => names,
            }
        });
        true
    }
}

/// The hubs that a row lists, and the one of them that is used.
pub(super) struct Fixed<I> {
    listed: I,
    /// None if none of them can be used.
    used: Option<HubIndex>,
}

impl<I: Iterator<Item = HubIndex> + Clone> Fixed<I> {
    /// Of the listed hubs, the first usable one that is open or that the device has, else the first
    /// usable one; none if the row lists no hub.
    pub(super) fn among(
        listed: I,
        usable: HubSet,
        open: HubSet,
        current: Option<HubIndex>,
    ) -> Option<Self> {
        listed.clone().next()?;
        let mut candidates = listed.clone().filter(|hub| usable.contains(*hub));
        let accepts = |hub: &HubIndex| open.contains(*hub) || current == Some(*hub);
        let used = candidates
            .clone()
            .find(accepts)
            .or_else(|| candidates.next());
        Some(Self { listed, used })
    }
}
