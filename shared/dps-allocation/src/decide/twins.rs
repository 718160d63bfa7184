//! Step 9: initial twin and payload.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{Case, Choice, Stop, TenantOf, refuse, step};
use crate::decision::{AssignedReason, RefusedReason, TwinEffect};
use crate::evidence::Found;
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
    if case.is_replay() {
        return replayed(case);
    }
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
    let initial_twin = match twin::initial_twin(&templates, &case.inputs) {
        Ok(initial_twin) => initial_twin,
        Err(TwinError::Limit(limit)) => {
            case.keep(twin_asked, || Found::TwinInvalid);
            return Err(refuse(RefusedReason::TwinInvalid, limit.to_string()));
        }
        Err(TwinError::Unreadable(unreadable)) => {
            return case.readable(Err(unreadable), twin_asked);
        }
    };
    case.trace.step(|| {
        let owners: Vec<&str> = named().map(|(owner, _)| owner).collect();
        let found = match effect {
            _ if owners.is_empty() => {
                "no layer: the enrollment's own initial twin applies".to_owned()
            }
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
        .transpose();
    let payload = case.readable(payload, twin_asked)?;
    Ok((initial_twin, payload.flatten()))
}

fn twin_asked() -> Cow<'static, str> {
    "initial twin and reply".into()
}

/// A replay knows whether there was a twin to give, and none of its values.
fn replayed<'a>(case: &mut Case<'a, '_>) -> Result<(Json<'a>, Json<'a>), Stop> {
    case.trace.step(|| {
        let found = "not rendered again: the decision log does not hold their values";
        step("twin", "the initial twin and the reply", found, None)
    });
    if !case.has_answers_left() {
        return Ok((None, None));
    }
    let broken = |found: &Found| matches!(found, Found::TwinInvalid).then_some(());
    case.replayed(twin_asked, broken)?;
    let detail = "the initial twin broke a limit of IoT Hub";
    Err(refuse(RefusedReason::TwinInvalid, detail))
}
