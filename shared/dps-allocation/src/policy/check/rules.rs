//! Rules that never decide, behind one that always matches or has the same condition, and rules that are
//! bypassed by one that only adds a twin.

use crate::finding::Finding;
use crate::policy::faults::Faults;
use crate::policy::model::{FirstRule, Policy, Rule};
use crate::schema::Column;

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

/// Reports tenants' rules that only add a twin, and end the search before a rule of `*` that is to hold for
/// every tenant: what refuses or narrows the hubs does not apply to the devices that they match.
pub(super) fn bypassing(policy: &Policy, findings: &mut Vec<Finding>) {
    let mut of_all = policy.rules.first.each().filter(|(it, _)| it.is_none());
    let holds = |rule: &Rule| rule.refuse || rule.pools.is_some();
    let Some((_, bypassed)) = of_all.find(|(_, first)| holds(&first.rule)) else {
        return;
    };
    let own = policy.rules.first.each().filter(|(it, _)| it.is_some());
    for (_, first) in own.filter(|(_, it)| only_adds_a_twin(it)) {
        let rule = format!(
            "it only adds a twin, and devices that it matches bypass rule `{}` of `*`",
            bypassed.rule.name
        );
        let help = "set mode to also: the rule then adds its twin and does not end the search";
        findings.push(first.rule.place().column(Column::Mode).warning(rule, help));
    }
}

fn only_adds_a_twin(first: &FirstRule) -> bool {
    let FirstRule {
        rule,
        hubs,
        hub_from,
        placement,
    } = first;
    let moves =
        rule.pools.is_some() || !hubs.is_empty() || hub_from.is_some() || placement.is_some();
    rule.twin.is_some() && !rule.refuse && !moves
}

/// Whether the earlier rule matches wherever the later one does.
fn shadows(earlier: &Rule, later: &Rule) -> bool {
    let is_wider = |earlier: &Option<_>, later| earlier.is_none() || earlier == later;
    is_wider(&earlier.when, &later.when)
        && is_wider(&earlier.unless, &later.unless)
        && (earlier.window.is_none() || earlier.window == later.window)
}
