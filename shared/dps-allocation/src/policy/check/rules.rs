//! Rules that never decide, behind one that always matches or has the same condition.

use crate::finding::Finding;
use crate::policy::faults::Faults;
use crate::policy::model::{FirstRule, Policy, Rule};

pub(super) fn check(policy: &Policy, faults: &Faults, findings: &mut Vec<Finding>) {
    // A rule with mode also neither ends the search nor is skipped by one that does.
    for (_, rules) in policy.rules.first.groups() {
        let rules = rules.iter().map(|FirstRule { rule, .. }| rule);
        let is_valid = |rule: &&Rule| !faults.is_broken(&rule.place());
        let rules: Vec<&Rule> = rules.filter(is_valid).collect();
        for (position, rule) in rules.iter().enumerate() {
            let mut earlier = rules.iter().take(position);
            if let Some(earlier) = earlier.find(|earlier| shadows(earlier, rule)) {
                let broken = format!("rule `{}` always matches first", earlier.name);
                let help = "reorder the rules by their RowKey, or remove one";
                findings.push(rule.place().warning(broken, help));
            }
        }
    }
}

/// Whether the earlier rule matches wherever the later one does.
fn shadows(earlier: &Rule, later: &Rule) -> bool {
    let is_wider = |earlier: &Option<_>, later| earlier.is_none() || earlier == later;
    is_wider(&earlier.when, &later.when)
        && is_wider(&earlier.unless, &later.unless)
        && (earlier.window.is_none() || earlier.window == later.window)
}
