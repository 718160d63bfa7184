//! Step 2: the first rule that matches.

use super::condition::Condition;
use super::context::{Context, Unassigned, refuse};
use super::rows::{rule_row, step};
use crate::decision::RefusedReason;
use crate::policy::{Rule, TenantRef};

/// The first rule that matches, the tenant's own before those of `*`.
pub(super) fn first_match<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
) -> Result<Option<&'a Rule>, Unassigned> {
    let policy = context.policy;
    for rule in policy.rules.of(tenant.index) {
        let asked = || format!("rule {}", rule.name);
        let row = || Some(rule_row(rule));
        let why_not = match context.condition(rule.when.as_deref(), || rule_row(rule))? {
            // A condition that fails must not admit devices that the rule may refuse.
            Condition::Failed(why) if rule.refuse => {
                context.trace.decided_by(|| rule_row(rule));
                context
                    .trace
                    .step(|| step("rule", asked(), format!("{why}: refused"), row()));
                let detail = format!(
                    "rule `{}` of `{}` refuses devices, and its condition {why}",
                    rule.name, rule.scope
                );
                return Err(refuse(RefusedReason::RefusedByRule, detail));
            }
            condition => condition.why_not(),
        };
        if let Some(why_not) = why_not {
            context.trace.step(|| step("rule", asked(), why_not, None));
            continue;
        }
        context
            .trace
            .step(|| step("rule", asked(), "matches", row()));
        if rule.refuse {
            context.trace.decided_by(|| rule_row(rule));
            let detail = format!(
                "rule `{}` of `{}` refuses the device",
                rule.name, rule.scope
            );
            return Err(refuse(RefusedReason::RefusedByRule, detail));
        }
        return Ok(Some(rule));
    }
    context
        .trace
        .step(|| step("rule", "the first rule that matches", "none", None));
    Ok(None)
}
