//! Step 1: the enrollment's row and the tenant.

use super::{Case, Stop, TenantOf, refuse, step, tenant_row};
use crate::decision::RefusedReason;
use crate::evidence::Found;
use crate::expression::{Expression, Outcome};
use crate::id::claimed_tenant;
use crate::policy::{AllowedTenants, EnrollmentRow, Policy, TenantState};
use crate::registration::Registration;
use crate::tables::TableName;
use crate::trace::{RowRef, Trace};

/// The row of the enrollment: exact before globs.
pub(super) fn enrollment<'a>(
    policy: &'a Policy,
    registration: &Registration<'_>,
    trace: &mut Trace,
) -> Result<(&'a str, &'a EnrollmentRow), Stop> {
    let id = &registration.enrollment.id;
    let kind = registration.enrollment.kind.as_str();
    let Some((key, row)) = policy.enrollments.find(id.as_str()) else {
        let detail = format!(
            "no row of enrollments names the {kind} enrollment `{}`",
            id.as_str()
        );
        trace.step(|| {
            step(
                "enrollment",
                format!("{kind} {}", id.as_str()),
                "no row",
                None,
            )
        });
        return Err(refuse(RefusedReason::UnknownEnrollment, detail));
    };
    trace.step(|| {
        let row = Some(enrollment_row(key));
        step(
            "enrollment",
            format!("{kind} {}", id.as_str()),
            "its row",
            row,
        )
    });
    Ok((key, row))
}

/// The tenant: a claim never reaches further than the enrollment allows.
pub(super) fn tenant<'a>(case: &mut Case<'a, '_>) -> Result<TenantOf<'a>, Stop> {
    let number = match claim(case)? {
        Some((source, claim)) => admitted(case, source, &claim)?,
        None => only_tenant(case)?,
    };
    let policy = case.policy;
    let Some(settings) = policy.tenants.get(number) else {
        // Every number comes from the same policy.
        return Err(refuse(
            RefusedReason::UnknownTenant,
            "the tenant has no settings",
        ));
    };
    let id = policy.tenants.id(number);
    case.trace.tenant(id);
    if settings.state == TenantState::Suspended {
        case.trace.decided_by(|| tenant_row(id));
        let detail = format!("tenant `{id}` is suspended");
        return Err(refuse(RefusedReason::TenantSuspended, detail).of(id));
    }
    Ok(TenantOf {
        number,
        id,
        settings,
    })
}

/// What names the tenant: the device's row before `tenantFrom`.
fn claim(case: &mut Case<'_, '_>) -> Result<Option<(&'static str, String)>, Stop> {
    let policy = case.policy;
    if let Some(tenant) = case.device.and_then(|device| device.tenant) {
        return Ok(Some((
            "the device's row",
            policy.tenants.id(tenant).to_owned(),
        )));
    }
    let from = case
        .enrollment
        .tenant_from
        .and_then(|number| policy.expression(number));
    let Some(expression) = from else {
        return Ok(None);
    };
    let claim = if case.withholds(expression) {
        withheld_claim(case, expression)?
    } else {
        claim_of(&expression.evaluate(&case.inputs)?)
    };
    if let Err(why_not) = &claim {
        case.trace.step(|| {
            step(
                "tenant",
                format!("tenantFrom `{}`", expression.source()),
                format!("nothing: {why_not}"),
                None,
            )
        });
    }
    Ok(claim.ok().map(|claim| ("tenantFrom", claim)))
}

/// The claim that an expression gives, or why it gives none.
fn claim_of(outcome: &Outcome) -> Result<String, String> {
    let claim = outcome.text().map(|text| claimed_tenant(&text));
    claim.ok_or_else(|| outcome.absence().into_owned())
}

/// A claim in payload or certificate is kept only where it is the id of a tenant.
fn withheld_claim(
    case: &mut Case<'_, '_>,
    expression: &Expression,
) -> Result<Result<String, String>, Stop> {
    let (policy, key) = (case.policy, case.enrollment_key);
    let asked = || format!("{} tenantFrom", enrollment_row(key)).into();
    let replayed = case.replayed(asked, |found| match found {
        Found::Tenant(id) => Some(Ok(id.clone())),
        // No tenant has an id without letters.
        Found::OtherTenant => Some(Ok(String::new())),
        Found::NoTenant => Some(Err("it had no value".to_owned())),
        _ => None,
    })?;
    if let Some(claim) = replayed {
        return Ok(claim);
    }
    let claim = claim_of(&case.evaluate(expression, asked)?);
    case.keep(asked, || match &claim {
        Ok(id) if policy.tenants.find(id).is_some() => Found::Tenant(id.clone()),
        Ok(_) => Found::OtherTenant,
        Err(_) => Found::NoTenant,
    });
    Ok(claim)
}

/// Most of a refused claim that is shown, in characters: no tenant id is longer.
const MAX_SHOWN: usize = 128;

fn admitted(case: &mut Case<'_, '_>, source: &str, claim: &str) -> Result<u32, Stop> {
    let (policy, allowed) = (case.policy, case.enrollment.tenants);
    let tenant = policy.tenants.find(claim);
    let within = tenant.is_some_and(|tenant| policy.enrollments.allows(allowed, tenant));
    // For whoever asks for the reasons; a claim may come from a payload, so no detail holds it.
    let shown = || -> String {
        let plain = claim.chars().filter(|c| !c.is_control());
        plain.take(MAX_SHOWN).collect()
    };
    match tenant {
        Some(tenant) if within => {
            case.trace
                .step(|| step("tenant", source, claim, Some(tenant_row(claim))));
            Ok(tenant)
        }
        None if allowed == AllowedTenants::Any => {
            case.trace
                .decided_by(|| enrollment_row(case.enrollment_key));
            case.trace
                .step(|| step("tenant", source, format!("`{}`, in no row", shown()), None));
            let detail = format!("{source} names a tenant that is not in the tenants table");
            Err(refuse(RefusedReason::UnknownTenant, detail))
        }
        _ => {
            case.trace
                .decided_by(|| enrollment_row(case.enrollment_key));
            case.trace.step(|| {
                step(
                    "tenant",
                    source,
                    format!("`{}`, not allowed", shown()),
                    None,
                )
            });
            let detail = format!("{source} names a tenant that the enrollment does not allow");
            Err(refuse(RefusedReason::ClaimRefused, detail))
        }
    }
}

fn only_tenant(case: &mut Case<'_, '_>) -> Result<u32, Stop> {
    if let AllowedTenants::One(tenant) = case.enrollment.tenants {
        case.trace.step(|| {
            let id = case.policy.tenants.id(tenant);
            step(
                "tenant",
                "the only tenant of the enrollment",
                id,
                Some(tenant_row(id)),
            )
        });
        return Ok(tenant);
    }
    case.trace
        .decided_by(|| enrollment_row(case.enrollment_key));
    let detail = "the enrollment allows several tenants, and nothing selects one: \
                  set tenantFrom, or add a row to devices";
    Err(refuse(RefusedReason::ClaimMissing, detail))
}

/// The row of an enrollment.
pub(super) fn enrollment_row(key: &str) -> RowRef {
    RowRef::new(TableName::Enrollments, "enrollment", key)
}
