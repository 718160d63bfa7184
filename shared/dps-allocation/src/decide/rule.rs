//! Step 2: the rules that apply.

use super::applied::Applied;
use super::condition::Condition;
use super::context::{Context, Unassigned, refuse};
use super::hub_from;
use super::rows::{rule_row, step};
use crate::decision::RefusedReason;
use crate::policy::{Outside, Rule, TenantRef};
use crate::schema::Column;

/// Every rule with mode `also` that matches, those of `*` before the tenant's, and the first of the
/// others that matches, the tenant's own before those of `*`.
pub(super) fn applied<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
) -> Result<Applied<'a>, Unassigned> {
    let rules = &context.policy.rules;
    let mut applied = Applied::default();
    for rule in rules.also.of_all_and(tenant.index) {
        if matches(context, rule, "also rule")? {
            applied.also.push(rule);
        }
    }
    for first in rules.first.of(tenant.index) {
        if matches(context, &first.rule, "rule")? {
            applied.first = Some(first);
            applied.named = hub_from::named(context, first)?;
            return Ok(applied);
        }
    }
    context
        .trace
        .step(|| step("rule", "the first rule that matches", "none", None));
    Ok(applied)
}

/// Whether a rule matches; an error if it refuses the device.
fn matches(context: &mut Context<'_, '_>, rule: &Rule, what: &str) -> Result<bool, Unassigned> {
    let asked = || format!("{what} {}", rule.name);
    let row = || Some(rule_row(rule));
    let matching = match_of(context, rule)?;
    let why_not = match matching {
        Match::No(why_not) => {
            context.trace.step(|| step("rule", asked(), why_not, None));
            return Ok(false);
        }
        Match::Outside(outside) => {
            context.trace.step(|| {
                let found = match outside {
                    Outside::Before(begins) => format!("not yet: it begins at {begins}"),
                    Outside::After(ends) => format!("no longer: it ended at {ends}"),
                };
                step("rule", asked(), found, None)
            });
            return Ok(false);
        }
        Match::Failed(why) => {
            context
                .trace
                .step(|| step("rule", asked(), format!("{why}: refused"), row()));
            format!("devices, and its condition {why}")
        }
        Match::Yes(why) => {
            context.trace.step(|| {
                let found =
                    why.map_or_else(|| "matches".to_owned(), |why| format!("matches; {why}"));
                step("rule", asked(), found, row())
            });
            if !rule.refuse {
                return Ok(true);
            }
            "the device".to_owned()
        }
    };
    context.trace.decided_by(|| rule_row(rule));
    let detail = format!("rule `{}` of `{}` refuses {why_not}", rule.name, rule.scope);
    Err(refuse(RefusedReason::RefusedByRule, detail))
}

/// Whether a rule matches, and why.
enum Match {
    /// Says why although it has an `unless`.
    Yes(Option<String>),
    /// The rule refuses, and its `when` could not be evaluated: that must not admit devices.
    Failed(String),
    No(String),
    /// It does not exist now.
    Outside(Outside),
}

fn match_of(context: &mut Context<'_, '_>, rule: &Rule) -> Result<Match, Unassigned> {
    let row = || rule_row(rule);
    if let Some(outside) = rule
        .window
        .and_then(|window| window.excludes(context.facts.now))
    {
        return Ok(Match::Outside(outside));
    }
    let failed = match context.condition(rule.when.as_deref(), Column::When, row)? {
        Condition::Holds => None,
        Condition::Failed(why) if rule.refuse => Some(why),
        condition => return Ok(Match::No(condition.why_not().unwrap_or_default())),
    };
    let mut why = None;
    if let Some(unless) = rule.unless.as_deref() {
        why = match context.condition(Some(unless), Column::Unless, row)? {
            Condition::Holds => {
                return Ok(Match::No(format!("unless: `{}` is true", unless.source())));
            }
            condition => condition.why_not().map(|why| format!("unless: {why}")),
        };
    }
    Ok(failed.map_or(Match::Yes(why), Match::Failed))
}
