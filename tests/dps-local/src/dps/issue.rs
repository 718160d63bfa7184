//! The certificate that a device has asked for.

use jiff::Timestamp;

use super::job::{Job, failure};
use crate::certificate::Certificate;
use crate::data::Edit;
use crate::issuing::{IssuingError, PolicyAuthority};
use crate::registration::Failure;

/// Its chain, by the authority of the enrollment's policy, which is made when it is needed first; empty if the device
/// has not asked.
pub(super) fn issue(
    edit: &mut Edit<'_>,
    job: &Job,
    now: Timestamp,
) -> Result<Vec<Certificate>, Failure> {
    let Some(csr) = &job.pending.csr else {
        return Ok(Vec::new());
    };
    let Some(policy) = job.enrolled.terms().issuing_policy() else {
        return Err(failure(
            "The enrollment has no certificatePolicyName any more.",
        ));
    };
    let failed = |error: IssuingError| failure(&error.to_string());
    let authority = match edit.get::<PolicyAuthority>(&policy.to_lowercase()) {
        Some(authority) => authority.clone(),
        None => PolicyAuthority::create(policy, now).map_err(failed)?,
    };
    let issued = authority
        .issue(csr, &job.registration.id, now)
        .map_err(failed)?;
    edit.put(authority);
    Ok(issued)
}
