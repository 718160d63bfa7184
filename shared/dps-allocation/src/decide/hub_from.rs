//! The hub that `hubFrom` of a rule names.

use super::context::{Context, Unassigned};
use super::evidence_mode::Question;
use super::rows::{rule_row, step};
use crate::evidence::Found;
use crate::expression::{Expression, Outcome};
use crate::policy::{FirstRule, HubIndex, Policy, Rule};
use crate::schema::Column;

/// What `hubFrom` gives.
enum Named {
    Hub(HubIndex),
    /// A text that does not name a hub of the policy.
    Unknown(String),
    /// Says why.
    Nothing(String),
}

/// The hub that the rule's `hubFrom` names, in any spelling; none if it fixes no hub.
pub(super) fn named(
    context: &mut Context<'_, '_>,
    first: &FirstRule,
) -> Result<Option<HubIndex>, Unassigned> {
    let Some(expression) = first.hub_from.as_deref() else {
        return Ok(None);
    };
    let policy = context.policy;
    let named = if context.records(expression) {
        recorded(context, expression, &first.rule)?
    } else {
        named_by(policy, &expression.evaluate(&context.inputs)?)
    };
    context.trace.step(|| {
        let found = match &named {
            Named::Hub(hub) => policy.hubs.host(*hub).to_owned(),
            Named::Unknown(text) => format!("`{text}` is not in the hubs table: it fixes no hub"),
            Named::Nothing(why) => format!("nothing: {why}: it fixes no hub"),
        };
        let asked = format!("hubFrom `{}`", expression.source());
        step("rule", asked, found, Some(rule_row(&first.rule)))
    });
    Ok(match named {
        Named::Hub(hub) => Some(hub),
        Named::Unknown(_) | Named::Nothing(_) => None,
    })
}

/// Longest unknown name that is shown, in characters: no host name is longer.
const MAX_SHOWN: usize = 253;

fn named_by(policy: &Policy, outcome: &Outcome) -> Named {
    let Some(text) = outcome.text() else {
        return Named::Nothing(outcome.absence().into_owned());
    };
    let host = text.trim();
    policy.hubs.find(host).map_or_else(
        || {
            let plain = host.chars().filter(|c| !c.is_control());
            Named::Unknown(plain.take(MAX_SHOWN).collect())
        },
        Named::Hub,
    )
}

/// A name in payload or certificate is recorded only if it is that of a hub.
fn recorded(
    context: &mut Context<'_, '_>,
    expression: &Expression,
    rule: &Rule,
) -> Result<Named, Unassigned> {
    let policy = context.policy;
    let question =
        || -> Question { format!("{} {}", rule_row(rule), Column::HubFrom.as_str()).into() };
    let replayed = context.replayed(question, |found| match found {
        Found::Hub(host) => Some(match policy.hubs.find(host) {
            Some(hub) => Named::Hub(hub),
            None => Named::Unknown(host.clone()),
        }),
        Found::OtherHub => Some(Named::Unknown("another hub".to_owned())),
        Found::NoHub => Some(Named::Nothing("it had no value".to_owned())),
        _ => None,
    })?;
    if let Some(named) = replayed {
        return Ok(named);
    }
    let named = named_by(policy, &context.evaluate(expression, question)?);
    context.record(question, || match &named {
        Named::Hub(hub) => Found::Hub(policy.hubs.host(*hub).to_owned()),
        Named::Unknown(_) => Found::OtherHub,
        Named::Nothing(_) => Found::NoHub,
    });
    Ok(named)
}
