//! The hubs that are left while constraints narrow them.

use super::applied::Applied;
use crate::explanation::Verdict;
use crate::policy::HubSet;
use crate::trace::Trace;

/// The hubs that are left, and where it is recorded why the others are not.
pub(super) struct Left<'t> {
    pub(super) hubs: HubSet,
    pub(super) trace: &'t mut Trace,
}

impl Left<'_> {
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
}
