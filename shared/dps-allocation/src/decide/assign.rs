//! The order of the steps.

use super::context::{Choice, ChosenHub, Context, Unassigned, refuse};
use super::evidence_mode::EvidenceMode;
use super::facts::Facts;
use super::hash_input::HashInput;
use super::identity::{self, Device};
use super::movement::{self, Movement};
use super::version::Version;
use super::{constraints, group, placement, rollout, rule, tenant, twins, unverified};
use crate::decision::{Assignment, RefusedReason, TwinEffect, Unavailable};
use crate::expression::Inputs;
use crate::hub_name::HubName;
use crate::policy::{EnrollmentRow, Linked, Policy, TenantRef};
use crate::registration::Registration;
use crate::trace::Trace;

/// Chooses a hub.
pub(super) fn assign<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    version: Version,
    trace: &mut Trace,
    mode: &mut EvidenceMode<'a>,
) -> Result<Assignment<'a>, Unassigned> {
    let (enrollment_key, enrollment) = identity::enrollment(policy, registration, trace)?;
    let device = match identity::device(enrollment_key, enrollment, facts, trace)? {
        Device::Known(row) => row,
        Device::Unknown(why) => {
            let enrollment = (enrollment_key, enrollment);
            return assign_unverified(policy, registration, enrollment, version, why, trace);
        }
    };
    let view = device.map(|row| policy.device_view(row));
    let inputs = Inputs::new(registration, view, facts.now);
    let mut context = Context {
        policy,
        registration,
        facts,
        version,
        open: policy.hubs.open_at(facts.now),
        enrollment,
        enrollment_key,
        device,
        inputs,
        hash_input: HashInput::RegistrationId,
        trace,
        mode,
    };
    let tenant = tenant::tenant(&mut context)?;
    context.inputs.tenant = Some(tenant.id);
    assign_to(&mut context, tenant).map_err(|unassigned| unassigned.for_tenant(tenant.id))
}

/// Decides without the device's row: no other step runs.
fn assign_unverified<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    enrollment: (&str, &EnrollmentRow),
    version: Version,
    why: Unavailable,
    trace: &mut Trace,
) -> Result<Assignment<'a>, Unassigned> {
    let current = registration.current_hub.as_deref();
    let linked = policy.hubs.link(&registration.linked_hubs, current);
    let choice = unverified::keep(
        policy,
        registration,
        enrollment,
        &linked,
        version,
        why,
        trace,
    )?;
    assignment(policy, registration, &linked, &choice)
}

fn assign_to<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
) -> Result<Assignment<'a>, Unassigned> {
    let (policy, registration) = (context.policy, context.registration);
    let rules = rule::applied(context, tenant)?;
    let current = registration.current_hub.as_deref();
    let linked = policy.hubs.link(&registration.linked_hubs, current);
    let constrained = constraints::eligible(context, tenant, &rules, &linked)?;
    group::find(context, tenant)?;
    let layers = rollout::layers(context, tenant, linked.current)?;
    let choice = match movement::stay_or_place(context, tenant, &constrained, linked.current)? {
        Movement::Stay(choice) => choice,
        Movement::Place(eligible) => placement::place(context, tenant, &rules, &eligible)?,
    };
    let assignment = assignment(policy, registration, &linked, &choice)?;
    let rendered = twins::render(
        context,
        tenant,
        &rules,
        &choice,
        layers,
        assignment.twin_effect,
    )?;
    Ok(Assignment {
        tenant: Some(tenant.id),
        group: context.group().cloned(),
        initial_twin: rendered.initial_twin,
        payload: rendered.payload,
        ..assignment
    })
}

/// The assignment to a hub, without tenant, twin and payload.
fn assignment<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    linked: &Linked<'a>,
    choice: &Choice<'a>,
) -> Result<Assignment<'a>, Unassigned> {
    let (hub, hub_name, same_hub) = match choice.hub {
        ChosenHub::Unlisted(hub) => (hub, HubName::fold(hub), true),
        ChosenHub::Listed(index) => {
            let hub_name = policy.hubs.host(index);
            let Some(hub) = linked.spelling(index) else {
                // No step chooses a hub that is not linked: DPS would reject it.
                let detail = format!("the request does not link `{hub_name}`");
                return Err(refuse(RefusedReason::NoEligibleHub, detail));
            };
            (hub, hub_name.into(), linked.current == Some(index))
        }
    };
    Ok(Assignment {
        hub,
        hub_name,
        reason: choice.reason,
        tenant: None,
        group: None,
        rollout: choice.rollout.map(|rollout| &*rollout.id),
        initial_twin: None,
        twin_effect: twin_effect(registration, same_hub),
        payload: None,
    })
}

/// Whether DPS applies an initial twin; see [`TwinEffect`].
fn twin_effect(registration: &Registration<'_>, same_hub: bool) -> TwinEffect {
    if registration.current_hub.is_none() {
        TwinEffect::AppliedFirst
    } else if same_hub {
        TwinEffect::IgnoredSameHub
    } else if registration.enrollment.resets_data {
        TwinEffect::AppliedReset
    } else {
        TwinEffect::IgnoredMigrated
    }
}
