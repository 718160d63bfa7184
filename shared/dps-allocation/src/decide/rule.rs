//! Step 2: the rules that apply.

use std::fmt;

use super::applied::Applied;
use super::condition::NotTrue;
use super::context::{Context, Unassigned, refuse};
use super::hub_from;
use super::rows::{rule_row, step};
use crate::decision::RefusedReason;
use crate::expression::Expression;
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
    let refused = match match_of(context, rule)? {
        Match::No(why_not) => {
            context
                .trace
                .step(|| step("rule", asked(), why_not.to_string(), None));
            return Ok(false);
        }
        Match::Failed(why) => {
            context
                .trace
                .step(|| step("rule", asked(), format!("{why}: refused"), row()));
            format!("devices, and its condition {why}")
        }
        Match::Yes(not_true) => {
            context.trace.step(|| {
                let found = match not_true {
                    None => "matches".to_owned(),
                    Some(not_true) => format!("matches; unless: {not_true}"),
                };
                step("rule", asked(), found, row())
            });
            if !rule.refuse {
                return Ok(true);
            }
            "the device".to_owned()
        }
    };
    context.trace.decided_by(|| rule_row(rule));
    let detail = format!("rule `{}` of `{}` refuses {refused}", rule.name, rule.scope);
    Err(refuse(RefusedReason::RefusedByRule, detail))
}

/// Whether a rule matches, and why.
enum Match<'p> {
    /// Says why although it has an `unless`.
    Yes(Option<NotTrue<'p>>),
    /// The rule refuses, and its `when` could not be evaluated: that must not admit devices.
    Failed(String),
    No(NoMatch<'p>),
}

/// Why a rule does not match; becomes text only in explanations.
enum NoMatch<'p> {
    /// It does not exist now.
    Outside(Outside),
    When(NotTrue<'p>),
    /// Its `unless` is true.
    Unless(&'p Expression),
}

impl fmt::Display for NoMatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(Outside::Before(begins)) => {
                write!(f, "not yet: it begins at {begins}")
            }
            Self::Outside(Outside::After(ends)) => write!(f, "no longer: it ended at {ends}"),
            Self::When(not_true) => not_true.fmt(f),
            Self::Unless(unless) => write!(f, "unless: `{}` is true", unless.source()),
        }
    }
}

fn match_of<'p>(context: &mut Context<'_, '_>, rule: &'p Rule) -> Result<Match<'p>, Unassigned> {
    let row = || rule_row(rule);
    let now = context.facts.now;
    if let Some(outside) = rule.window.and_then(|window| window.excludes(now)) {
        return Ok(Match::No(NoMatch::Outside(outside)));
    }
    let mut failure = None;
    if let Some(when) = rule.when.as_deref()
        && let Some(not_true) = context.not_true(when, Column::When, row)?
    {
        failure = not_true.failure().filter(|_| rule.refuse);
        if failure.is_none() {
            return Ok(Match::No(NoMatch::When(not_true)));
        }
    }
    let mut not_true = None;
    if let Some(unless) = rule.unless.as_deref() {
        not_true = context.not_true(unless, Column::Unless, row)?;
        if not_true.is_none() {
            return Ok(Match::No(NoMatch::Unless(unless)));
        }
    }
    Ok(failure.map_or(Match::Yes(not_true), Match::Failed))
}
