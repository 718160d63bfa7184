//! Step 9: initial twin and payload.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{Case, Choice, Stop, TenantOf, refuse, step};
use crate::decision::{AssignedReason, RefusedReason, TwinEffect};
use crate::policy::Rule;
use crate::twin::{self, TwinError, TwinTemplate};

type Json<'a> = Option<Cow<'a, RawValue>>;

/// The initial twin and the payload of an answer.
pub(super) fn render<'a>(
    case: &mut Case<'a, '_>,
    tenant: TenantOf<'a>,
    rule: Option<&Rule>,
    choice: &Choice<'a>,
    effect: TwinEffect,
) -> Result<(Json<'a>, Json<'a>), Stop> {
    let policy = case.policy;
    // A rollout that brings its devices back takes its twin with it.
    let taken = choice
        .rollout
        .filter(|_| choice.reason != AssignedReason::RolloutReturn);
    // From the least to the most specific.
    let layers = [
        ("enrollment", case.enrollment.twin),
        ("hub", policy.hubs.get(choice.hub).and_then(|hub| hub.twin)),
        ("tenant", tenant.settings.twin),
        ("rule", rule.and_then(|rule| rule.twin)),
        ("rollout", taken.and_then(|rollout| rollout.twin)),
        ("device", case.device.and_then(|device| device.twin)),
    ];
    let named = || {
        layers
            .into_iter()
            .filter_map(|(owner, twin)| Some((owner, twin?)))
    };
    let templates: Vec<&'a TwinTemplate> =
        named().filter_map(|(_, twin)| policy.twin(twin)).collect();
    let initial_twin =
        twin::initial_twin(&templates, &case.inputs).map_err(|error| match error {
            TwinError::Limit(limit) => refuse(RefusedReason::TwinInvalid, limit.to_string()),
            TwinError::Unreadable(unreadable) => Stop::from(unreadable),
        })?;
    case.trace.step(|| {
        let owners: Vec<&str> = named().map(|(owner, _)| owner).collect();
        let found = match effect {
            _ if owners.is_empty() => "no layer: the enrollment's own stays in force".to_owned(),
            TwinEffect::AppliedFirst => format!("{}: DPS applies it", owners.join(", ")),
            TwinEffect::AppliedReset => {
                format!("{}: DPS applies it, the device is reset", owners.join(", "))
            }
            TwinEffect::IgnoredSameHub => {
                format!(
                    "{}: DPS ignores it, the device stays on its hub",
                    owners.join(", ")
                )
            }
            TwinEffect::IgnoredMigrated => {
                format!(
                    "{}: DPS ignores it, the device's data moves along",
                    owners.join(", ")
                )
            }
        };
        step("twin", "the layers of the initial twin", found, None)
    });
    let reply = tenant
        .settings
        .reply
        .and_then(|number| policy.reply(number));
    let payload = reply
        .map(|reply| twin::reply(reply, &case.inputs))
        .transpose()?;
    Ok((initial_twin, payload.flatten()))
}
