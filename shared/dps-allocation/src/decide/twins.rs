//! Step 9: initial twin and payload.

use smallvec::SmallVec;
use strum::IntoStaticStr;

use super::applied::Applied;
use super::context::{Choice, ChosenHub, Context, Unassigned, refuse};
use super::evidence_mode::{EvidenceMode, Question};
use super::rows::step;
use crate::decision::{AssignedReason, RefusedReason, TwinEffect};
use crate::document::Document;
use crate::evidence::Found;
use crate::expression::HubView;
use crate::parts::Parts;
use crate::policy::{Rollout, TenantRef};
use crate::twin::{self, TwinError, TwinTemplate};

/// Whose row names a layer, from the least to the most specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
enum Owner {
    Enrollment,
    Hub,
    Tenant,
    Rule,
    Rollout,
    Device,
}

/// The rows of `twins` that apply, in the order in which they are merged.
type Layers<'a> = SmallVec<[(Owner, &'a TwinTemplate); 8]>;

/// What an answer gives the device.
#[derive(Default)]
pub(super) struct Rendered<'a> {
    pub(super) initial_twin: Option<Document<'a>>,
    pub(super) payload: Option<Document<'a>>,
}

pub(super) fn render<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
    rules: &Applied<'a>,
    choice: &Choice<'a>,
    mut rollouts: SmallVec<[&'a Rollout; 4]>,
    effect: TwinEffect,
) -> Result<Rendered<'a>, Unassigned> {
    if context.is_replay() {
        return replayed(context);
    }
    // A rollout that brings a device back does not give it the rollout's twin.
    let mover = choice.rollout;
    let mover = mover.filter(|_| choice.reason != AssignedReason::RolloutReturn);
    if let Some(mover) = mover.filter(|mover| mover.twin.is_some()) {
        rollouts.push(mover);
        in_order(context, tenant, &mut rollouts);
    }
    let of_hub = match choice.hub {
        ChosenHub::Listed(hub) => context.policy.hubs.get(hub).twin.as_deref(),
        ChosenHub::Unlisted(_) => None,
    };
    let mut layers = Layers::new();
    let mut add = |owner, twin: Option<&'a TwinTemplate>| {
        layers.extend(twin.map(|twin| (owner, twin)));
    };
    add(Owner::Enrollment, context.enrollment.twin.as_deref());
    add(Owner::Hub, of_hub);
    add(Owner::Tenant, tenant.settings.twin.as_deref());
    for rule in rules.iter() {
        add(Owner::Rule, rule.twin.as_deref());
    }
    for rollout in rollouts {
        add(Owner::Rollout, rollout.twin.as_deref());
    }
    let of_device = context.device.and_then(|device| device.twin);
    add(Owner::Device, of_device.map(|twin| &**twin));
    let policy = context.policy;
    if let EvidenceMode::Partial {
        unknown, of_twin, ..
    } = &mut *context.mode
        && reads(&layers, tenant, *unknown)
    {
        *of_twin = true;
        return Ok(Rendered::default());
    }
    context.inputs.hub = Some(match choice.hub {
        ChosenHub::Listed(hub) => policy.hubs.view(hub),
        ChosenHub::Unlisted(name) => HubView {
            name,
            region: None,
            geography: None,
        },
    });
    let of_twin = layers.iter().filter(|(_, twin)| twin.is_of_twin());
    let templates = of_twin.clone().map(|(_, twin)| *twin);
    let initial_twin = match twin::initial_twin(templates, &context.inputs) {
        Ok(initial_twin) => initial_twin,
        Err(TwinError::Limit(limit)) => {
            context.record(question, || Found::TwinInvalid);
            return Err(refuse(RefusedReason::TwinInvalid, limit.to_string()));
        }
        Err(TwinError::Unreadable(unreadable)) => {
            return context.record_unreadable(Err(unreadable), question);
        }
    };
    context.trace.step(|| {
        let owners: Vec<&str> = of_twin.map(|(owner, _)| (*owner).into()).collect();
        let consequence = match effect {
            TwinEffect::AppliedFirst => "DPS applies it",
            TwinEffect::AppliedReset => "DPS applies it, the device is reset",
            TwinEffect::IgnoredSameHub => "DPS ignores it, the device stays on its hub",
            TwinEffect::IgnoredMigrated => "DPS ignores it, the device's data moves along",
        };
        let found = if owners.is_empty() {
            "no layer: the enrollment's own initial twin applies".to_owned()
        } else {
            format!("{}: {consequence}", owners.join(", "))
        };
        step("twin", "the layers of the initial twin", found, None)
    });
    let payload = reply(context, tenant, &layers)?;
    Ok(Rendered {
        initial_twin,
        payload,
    })
}

/// Whether the initial twin or the reply has an expression that reads one of these parts.
fn reads(layers: &Layers<'_>, tenant: TenantRef<'_>, parts: Parts) -> bool {
    let own = tenant.settings.reply.as_deref();
    own.is_some_and(|reply| reply.reads(parts)) || layers.iter().any(|(_, twin)| twin.reads(parts))
}

/// The layers of the reply: those of the twin, and the tenant's own `reply` after that of its twin.
fn reply<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
    layers: &[(Owner, &'a TwinTemplate)],
) -> Result<Option<Document<'a>>, Unassigned> {
    let own = tenant.settings.reply.as_deref();
    if layers.iter().all(|(_, twin)| twin.reply.is_none()) {
        // Alone it is the reply as it is written.
        let payload = own.map(|reply| reply.render(&context.inputs)).transpose();
        return context.record_unreadable(payload, question);
    }
    let end = layers.partition_point(|(owner, _)| *owner <= Owner::Tenant);
    let (before, after) = layers.split_at(end);
    let reply_of = |(owner, twin): &(Owner, &'a TwinTemplate)| Some((*owner, twin.reply.as_ref()?));
    let own = own.map(|reply| (Owner::Tenant, reply));
    let named = before.iter().filter_map(reply_of).chain(own);
    let named = named.chain(after.iter().filter_map(reply_of));
    context.trace.step(|| {
        let mut owners: Vec<&str> = named.clone().map(|(owner, _)| owner.into()).collect();
        owners.dedup();
        step("twin", "the layers of the reply", owners.join(", "), None)
    });
    let payload = twin::merged(named.map(|(_, reply)| reply), &context.inputs);
    context.record_unreadable(payload, question).map(Some)
}

/// Puts rollouts in the order in which they are asked.
fn in_order(context: &Context<'_, '_>, tenant: TenantRef<'_>, rollouts: &mut [&Rollout]) {
    if rollouts.len() > 1 {
        let position = |rollout: &&Rollout| {
            let mut all = context.policy.rollouts.of(tenant.index);
            all.position(|it| std::ptr::eq(it, *rollout))
        };
        rollouts.sort_by_cached_key(position);
    }
}

fn question() -> Question {
    "initial twin and reply".into()
}

/// A replay knows whether twin and reply were valid, and none of their values.
fn replayed<'a>(context: &mut Context<'a, '_>) -> Result<Rendered<'a>, Unassigned> {
    context.trace.step(|| {
        let found = "not rendered again: the decision log does not hold their values";
        step("twin", "the initial twin and the reply", found, None)
    });
    if !context.has_answer_left(&question()) {
        return Ok(Rendered::default());
    }
    let broken = |found: &Found| matches!(found, Found::TwinInvalid).then_some(());
    context.replayed(question, broken)?;
    let detail = "the initial twin broke a limit of IoT Hub";
    Err(refuse(RefusedReason::TwinInvalid, detail))
}
