//! Rules that never decide, behind one that always matches or has the same condition.

use crate::finding::Finding;
use crate::policy::faults::Faults;
use crate::policy::model::{Policy, Rule};

pub(super) fn check(policy: &Policy, faults: &Faults, findings: &mut Vec<Finding>) {
    for (_, rules) in policy.rules.groups() {
        let is_valid = |rule: &&Rule| !faults.is_broken(&rule.place());
        let rules: Vec<&Rule> = rules.iter().filter(is_valid).collect();
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

fn shadows(earlier: &Rule, later: &Rule) -> bool {
    earlier.when.is_none() || earlier.when == later.when
}
