//! The decision, step by step: tenant, rule, walls, stay, rollout, tier, latency, weight, twin.

mod condition;
mod device;
mod location;
mod movement;
mod place;
mod rule;
mod tenant;
mod twins;
mod walls;
mod withheld;

use jiff::Timestamp;

use crate::AssignedReason;
use crate::decision::{Assignment, Decision, Refusal, RefusedReason, TwinEffect, Unavailable};
use crate::evidence::{Evidence, NotRecorded};
use crate::expression::{Inputs, Unreadable};
use crate::hubs::HubIndex;
use crate::policy::{DeviceRow, EnrollmentRow, Policy, Rollout, Rule, Tenant};
use crate::registration::Registration;
use crate::trace::{Explanation, RowRef, Step, Trace};
use withheld::Withheld;

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
    run(
        policy,
        registration,
        facts,
        &mut Trace::off(),
        &mut Withheld::Asked,
    )
}

/// Decides like [`decide`] and keeps what it learns from payload and certificate, for [`replay`].
#[must_use]
pub fn decide_with_evidence<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
) -> (Decision<'a>, Evidence) {
    let mut withheld = Withheld::Kept(Evidence::default());
    let decision = run(
        policy,
        registration,
        facts,
        &mut Trace::off(),
        &mut withheld,
    );
    (decision, withheld.into_evidence())
}

/// Decides like [`decide`] and keeps every step, every row that decided and why not each hub.
#[must_use]
pub fn explain<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
) -> Explanation {
    let mut trace = Trace::on();
    let decision = run(
        policy,
        registration,
        facts,
        &mut trace,
        &mut Withheld::Asked,
    );
    trace.explain(policy, registration, &decision)
}

/// Explains a decision again from what was kept of it.
///
/// What the registration holds as payload and as certificate is not read; it only says that the
/// request had them. The initial twin and the reply are not made again.
///
/// # Errors
/// [`NotRecorded`] when the policy asks what the decision did not.
pub fn replay<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    evidence: &'a Evidence,
) -> Result<Explanation, NotRecorded> {
    let mut trace = Trace::on();
    let mut withheld = Withheld::Replayed(&evidence.0);
    let decision = try_run(policy, registration, facts, &mut trace, &mut withheld)?;
    Ok(trace.explain(policy, registration, &decision))
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
    withheld: &'t mut Withheld<'a>,
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
    /// Only when a decision is replayed.
    NotRecorded(NotRecorded),
}

impl From<Unreadable> for Stop {
    fn from(unreadable: Unreadable) -> Self {
        refuse(RefusedReason::MalformedRequest, unreadable.to_string())
    }
}

impl Stop {
    /// The same stop, with the tenant that it is about.
    fn of(self, tenant: &str) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(Refusal {
                tenant: Some(tenant.into()),
                ..refusal
            }),
            other => other,
        }
    }
}

fn refuse(reason: RefusedReason, detail: impl Into<String>) -> Stop {
    Stop::Refused(Refusal {
        reason,
        detail: detail.into(),
        tenant: None,
    })
}

fn run<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    trace: &mut Trace,
    withheld: &mut Withheld<'a>,
) -> Decision<'a> {
    try_run(policy, registration, facts, trace, withheld)
        // Only a replay can lack an answer.
        .unwrap_or(Decision::Unavailable(Unavailable::StoreUnavailable))
}

fn try_run<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    trace: &mut Trace,
    withheld: &mut Withheld<'a>,
) -> Result<Decision<'a>, NotRecorded> {
    Ok(match assign(policy, registration, facts, trace, withheld) {
        Ok(assignment) => Decision::Assigned(assignment),
        Err(Stop::Refused(refusal)) => Decision::Refused(refusal),
        Err(Stop::Unavailable(unavailable)) => Decision::Unavailable(unavailable),
        Err(Stop::NotRecorded(question)) => return Err(question),
    })
}

fn assign<'a>(
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: &Facts<'a>,
    trace: &mut Trace,
    withheld: &mut Withheld<'a>,
) -> Result<Assignment<'a>, Stop> {
    let (enrollment_key, enrollment) = tenant::enrollment(policy, registration, trace)?;
    let device = match device::row((enrollment_key, enrollment), facts, trace)? {
        device::Row::Known(row) => row,
        device::Row::Unknown(why) => {
            return unverified((policy, registration), enrollment_key, why, trace);
        }
    };
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
        withheld,
    };
    let tenant = tenant::tenant(&mut case)?;
    case.inputs.tenant = Some(tenant.id);
    assign_to(&mut case, tenant).map_err(|stop| stop.of(tenant.id))
}

/// The answer without the device's row: before tenant, walls and rollouts.
fn unverified<'a>(
    (policy, registration): (&'a Policy, &'a Registration<'a>),
    enrollment_key: &str,
    why: Unavailable,
    trace: &mut Trace,
) -> Result<Assignment<'a>, Stop> {
    let current = registration.current_hub.as_deref();
    let linked = policy.hubs.link(&registration.linked_hubs, current);
    let choice = device::keep((policy, registration), enrollment_key, &linked, why, trace)?;
    Ok(Assignment {
        hub: linked.spelling(choice.hub),
        hub_name: policy.hubs.host(choice.hub),
        reason: choice.reason,
        tenant: None,
        rollout: None,
        initial_twin: None,
        twin_effect: twin_effect(registration, true),
        payload: None,
    })
}

fn assign_to<'a>(case: &mut Case<'a, '_>, tenant: TenantOf<'a>) -> Result<Assignment<'a>, Stop> {
    let (policy, registration) = (case.policy, case.registration);
    let rule = rule::first_match(case, tenant)?;
    let current = registration.current_hub.as_deref();
    let linked = policy.hubs.link(&registration.linked_hubs, current);
    let walls = walls::eligible(case, tenant, rule, &linked)?;
    let choice = match movement::moved_or_kept(case, tenant, &walls, linked.current)? {
        movement::Movement::Keep(choice) => choice,
        movement::Movement::Place(among) => place::place(case, tenant, rule, &among)?,
    };
    let twin_effect = twin_effect(registration, linked.current == Some(choice.hub));
    let (initial_twin, payload) = twins::render(case, tenant, rule, &choice, twin_effect)?;
    Ok(Assignment {
        hub: linked.spelling(choice.hub),
        hub_name: policy.hubs.host(choice.hub),
        reason: choice.reason,
        tenant: Some(tenant.id),
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
