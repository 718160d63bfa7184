//! Step 2: the first rule that matches.

use super::condition::WhyNot;
use super::{Case, Stop, TenantOf, refuse, rule_row, step};
use crate::decision::RefusedReason;
use crate::policy::Rule;

/// The first rule that matches, the tenant's own before those of `*`.
pub(super) fn first_match<'a>(
    case: &mut Case<'a, '_>,
    tenant: TenantOf<'a>,
) -> Result<Option<&'a Rule>, Stop> {
    let policy = case.policy;
    for rule in policy.rules.of(tenant.number) {
        let asked = || format!("rule {}", rule.name);
        match case.holds(rule.when, || rule_row(rule))? {
            Ok(()) => {}
            // A condition that fails must not let in whom it might keep out.
            Err(WhyNot::Failed(why)) if rule.refuse => {
                case.trace.decided_by(|| rule_row(rule));
                let found = || format!("{why}: refused");
                case.trace
                    .step(|| step("rule", asked(), found(), Some(rule_row(rule))));
                let detail = format!(
                    "rule `{}` of `{}` refuses devices, and its condition {why}",
                    rule.name, rule.scope
                );
                return Err(refuse(RefusedReason::RefusedByRule, detail));
            }
            Err(why_not) => {
                case.trace
                    .step(|| step("rule", asked(), why_not.into_text(), None));
                continue;
            }
        }
        case.trace
            .step(|| step("rule", asked(), "matches", Some(rule_row(rule))));
        if rule.refuse {
            case.trace.decided_by(|| rule_row(rule));
            let detail = format!(
                "rule `{}` of `{}` refuses the device",
                rule.name, rule.scope
            );
            return Err(refuse(RefusedReason::RefusedByRule, detail));
        }
        return Ok(Some(rule));
    }
    case.trace
        .step(|| step("rule", "the first rule that matches", "none", None));
    Ok(None)
}
