//! Step 1: the tenant. A claim never reaches further than the enrollment allows.

use std::borrow::Cow;

use super::context::{Context, Unassigned, refuse};
use super::rows::{enrollment_row, step, tenant_row};
use crate::decision::RefusedReason;
use crate::evidence::Found;
use crate::expression::{Expression, Outcome};
use crate::id::claimed_tenant;
use crate::policy::{AllowedTenants, TenantRef};
use crate::schema::TenantState;

pub(super) fn tenant<'a>(context: &mut Context<'a, '_>) -> Result<TenantRef<'a>, Unassigned> {
    let tenant = match claim(context)? {
        Some((source, claim)) => admitted(context, source, &claim)?,
        None => only_tenant(context)?,
    };
    let id = tenant.id;
    context.trace.tenant(id);
    if tenant.settings.state == TenantState::Suspended {
        context.trace.decided_by(|| tenant_row(id));
        let detail = format!("tenant `{id}` is suspended");
        return Err(refuse(RefusedReason::TenantSuspended, detail).for_tenant(id));
    }
    Ok(tenant)
}

/// The id that the device's row or else `tenantFrom` names, and which of them.
fn claim<'a>(
    context: &mut Context<'a, '_>,
) -> Result<Option<(&'static str, Cow<'a, str>)>, Unassigned> {
    let policy = context.policy;
    if let Some(tenant) = context.device.and_then(|device| device.tenant) {
        let id = policy.tenants.get(tenant).id;
        return Ok(Some(("the device's row", Cow::Borrowed(id))));
    }
    let Some(expression) = context.enrollment.tenant_from.as_deref() else {
        return Ok(None);
    };
    let claim = if context.records(expression) {
        recorded_claim(context, expression)?
    } else {
        claim_of(&expression.evaluate(&context.inputs)?)
    };
    Ok(match claim {
        TenantClaim::Tenant(id) => Some(("tenantFrom", Cow::Owned(id))),
        TenantClaim::Nothing(why) => {
            context.trace.step(|| {
                let asked = format!("tenantFrom `{}`", expression.source());
                step("tenant", asked, format!("nothing: {why}"), None)
            });
            None
        }
    })
}

/// What `tenantFrom` claims.
enum TenantClaim {
    Tenant(String),
    /// Says why.
    Nothing(String),
}

fn claim_of(outcome: &Outcome) -> TenantClaim {
    match outcome.text() {
        Some(text) => TenantClaim::Tenant(claimed_tenant(&text)),
        None => TenantClaim::Nothing(outcome.absence().into_owned()),
    }
}

/// A claim in payload or certificate is recorded only if it is the id of a tenant.
fn recorded_claim(
    context: &mut Context<'_, '_>,
    expression: &Expression,
) -> Result<TenantClaim, Unassigned> {
    let (policy, key) = (context.policy, context.enrollment_key);
    let question = || format!("{} tenantFrom", enrollment_row(key)).into();
    let replayed = context.replayed(question, |found| match found {
        Found::Tenant(id) => Some(TenantClaim::Tenant(id.clone())),
        // No tenant has an empty id.
        Found::OtherTenant => Some(TenantClaim::Tenant(String::new())),
        Found::NoTenant => Some(TenantClaim::Nothing("it had no value".to_owned())),
        _ => None,
    })?;
    if let Some(claim) = replayed {
        return Ok(claim);
    }
    let claim = claim_of(&context.evaluate(expression, question)?);
    context.record(question, || match &claim {
        TenantClaim::Tenant(id) if policy.tenants.find(id).is_some() => Found::Tenant(id.clone()),
        TenantClaim::Tenant(_) => Found::OtherTenant,
        TenantClaim::Nothing(_) => Found::NoTenant,
    });
    Ok(claim)
}

/// Longest refused claim that is shown, in characters: no tenant id is longer.
const MAX_SHOWN: usize = 128;

fn admitted<'a>(
    context: &mut Context<'a, '_>,
    source: &str,
    claim: &str,
) -> Result<TenantRef<'a>, Unassigned> {
    let (policy, allowed) = (context.policy, &context.enrollment.tenants);
    let tenant = policy.tenants.find(claim);
    if let Some(tenant) = tenant.filter(|tenant| allowed.allows(tenant.index)) {
        context
            .trace
            .step(|| step("tenant", source, claim, Some(tenant_row(claim))));
        return Ok(tenant);
    }
    let (reason, found, why) = if tenant.is_none() && *allowed == AllowedTenants::Any {
        (
            RefusedReason::UnknownTenant,
            "in no row",
            "is not in the tenants table",
        )
    } else {
        (
            RefusedReason::ClaimRefused,
            "not allowed",
            "the enrollment does not allow",
        )
    };
    context
        .trace
        .decided_by(|| enrollment_row(context.enrollment_key));
    context.trace.step(|| {
        // The explanation shows the claim. The detail does not: it may come from a payload.
        let plain = claim.chars().filter(|c| !c.is_control());
        let shown: String = plain.take(MAX_SHOWN).collect();
        step("tenant", source, format!("`{shown}`, {found}"), None)
    });
    Err(refuse(
        reason,
        format!("{source} names a tenant that {why}"),
    ))
}

fn only_tenant<'a>(context: &mut Context<'a, '_>) -> Result<TenantRef<'a>, Unassigned> {
    let policy = context.policy;
    if let AllowedTenants::One(tenant) = context.enrollment.tenants {
        let tenant = policy.tenants.get(tenant);
        context.trace.step(|| {
            let asked = "the only tenant of the enrollment";
            step("tenant", asked, tenant.id, Some(tenant_row(tenant.id)))
        });
        return Ok(tenant);
    }
    context
        .trace
        .decided_by(|| enrollment_row(context.enrollment_key));
    let detail = "the enrollment allows several tenants, and nothing selects one: \
                  set tenantFrom, or add a row to devices";
    Err(refuse(RefusedReason::ClaimMissing, detail))
}
