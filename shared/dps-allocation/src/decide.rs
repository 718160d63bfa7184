//! The decision, step by step: tenant, rule, walls, stay, rollout, tier, latency, weight, twin.

mod location;
mod movement;
mod place;
mod rule;
mod tenant;
mod twins;
mod walls;

use jiff::Timestamp;

use crate::AssignedReason;
use crate::decision::{Assignment, Decision, Refusal, RefusedReason, TwinEffect, Unavailable};
use crate::expression::{Inputs, Outcome, Unreadable};
use crate::hubs::HubIndex;
use crate::policy::{DeviceRow, EnrollmentRow, Policy, Rollout, Rule, Tenant};
use crate::registration::Registration;
use crate::trace::{Explanation, RowRef, Step, Trace};

/// What the outside supplies for one decision.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The time; decides how far rollouts have come.
    pub now: Timestamp,
    /// The device's row, where [`Policy::device_rows`] asks for it.
    pub device: DeviceFact<'a>,
}

/// What is known of the device's row in the `devices` table.
#[derive(Clone, Copy, Debug)]
pub enum DeviceFact<'a> {
    /// The table was not asked.
    NotRead,
    /// The device's row.
    Row(DeviceRow<'a>),
    /// The table has no row for the device.
    Missing,
    /// The table could not be asked.
    Unavailable,
    /// The row holds what cannot be understood, or names what the policy does not know.
    Invalid,
}

/// Decides where a registration belongs.
///
/// The same policy, registration and facts always give the same decision. Allocates nothing for
/// an assignment without expressions and without twin layers to merge.
#[must_use]
pub fn decide<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
) -> Decision<'a> {
    run(policy, registration, facts, &mut Trace::off())
}

/// Decides like [`decide`] and keeps every step, every row that decided and why not each hub.
#[must_use]
pub fn explain<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
) -> Explanation {
    let mut trace = Trace::on();
    let decision = run(policy, registration, facts, &mut trace);
    trace.explain(policy, registration, &decision)
}

/// A registration that is being decided.
struct Case<'a, 't> {
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &'t Facts<'a>,
    enrollment: &'a EnrollmentRow,
    enrollment_key: &'a str,
    device: Option<DeviceRow<'a>>,
    inputs: Inputs<'a>,
    trace: &'t mut Trace,
}

/// The tenant of a case.
#[derive(Clone, Copy)]
struct TenantOf<'a> {
    number: u32,
    id: &'a str,
    settings: &'a Tenant,
}

/// The hub of a case, and what led to it.
struct Choice<'a> {
    hub: HubIndex,
    reason: AssignedReason,
    rollout: Option<&'a Rollout>,
}

/// Why there is no hub.
enum Stop {
    Refused(Refusal),
    Unavailable(Unavailable),
}

impl From<Unreadable> for Stop {
    fn from(unreadable: Unreadable) -> Self {
        refuse(RefusedReason::MalformedRequest, unreadable.to_string())
    }
}

fn refuse(reason: RefusedReason, detail: impl Into<String>) -> Stop {
    Stop::Refused(Refusal {
        reason,
        detail: detail.into(),
    })
}

fn run<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    trace: &mut Trace,
) -> Decision<'a> {
    match assign(policy, registration, facts, trace) {
        Ok(assignment) => Decision::Assigned(assignment),
        Err(Stop::Refused(refusal)) => Decision::Refused(refusal),
        Err(Stop::Unavailable(unavailable)) => Decision::Unavailable(unavailable),
    }
}

fn assign<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    trace: &mut Trace,
) -> Result<Assignment<'a>, Stop> {
    let (enrollment_key, enrollment) = tenant::enrollment(policy, registration, trace)?;
    let device = tenant::device((enrollment_key, enrollment), facts, trace)?;
    let inputs = Inputs::new(registration, device.map(|row| policy.device_view(row)));
    let mut case = Case {
        policy,
        registration,
        facts,
        enrollment,
        enrollment_key,
        device,
        inputs,
        trace,
    };
    let tenant = tenant::tenant(&mut case)?;
    case.inputs.tenant = Some(tenant.id);
    let rule = rule::first_match(&mut case, tenant)?;
    let current = registration.current_hub.as_deref();
    let linked = policy.hubs.link(&registration.linked_hubs, current);
    let walls = walls::eligible(&mut case, tenant, rule, &linked)?;
    let choice = match movement::moved_or_kept(&mut case, tenant, &walls, linked.current)? {
        movement::Movement::Keep(choice) => choice,
        movement::Movement::Place(among) => place::place(&mut case, tenant, rule, &among)?,
    };
    let twin_effect = twin_effect(registration, linked.current == Some(choice.hub));
    let (initial_twin, payload) = twins::render(&mut case, tenant, rule, &choice, twin_effect)?;
    Ok(Assignment {
        hub: linked.spelling(choice.hub),
        reason: choice.reason,
        tenant: tenant.id,
        rollout: choice.rollout.map(|rollout| &*rollout.id),
        initial_twin,
        twin_effect,
        payload,
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

impl Case<'_, '_> {
    /// Whether a condition holds; an absent one always does, an absent value never does.
    fn holds(&self, condition: Option<u32>) -> Result<Result<(), String>, Stop> {
        let Some(expression) = condition.and_then(|number| self.policy.expression(number)) else {
            return Ok(Ok(()));
        };
        Ok(match expression.evaluate(&self.inputs)? {
            Outcome::Value(cel::Value::Bool(true)) => Ok(()),
            Outcome::Value(cel::Value::Bool(false)) => {
                Err(format!("`{}` is false", expression.source()))
            }
            other => Err(format!(
                "`{}` counts as false: {}",
                expression.source(),
                other.absence()
            )),
        })
    }
}

/// The row of a rule.
fn rule_row(rule: &Rule) -> RowRef {
    RowRef::new(crate::tables::TableName::Rules, &rule.scope, &rule.name)
}

/// The row of a tenant.
fn tenant_row(id: &str) -> RowRef {
    RowRef::new(crate::tables::TableName::Tenants, "tenant", id)
}

fn step(
    step: &'static str,
    asked: impl Into<String>,
    found: impl Into<String>,
    row: Option<RowRef>,
) -> Step {
    Step {
        step,
        asked: asked.into(),
        found: found.into(),
        row,
    }
}
