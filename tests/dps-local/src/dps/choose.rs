//! The hub of a device, by the allocation policy of its enrollment.

use super::core::Core;
use super::job::{Job, failure};
use crate::allocation::{
    Asked, Choice, Outcome, lowest_latency, outcome, request, waits, weighted,
};
use crate::enrollment::{AllocationPolicy, CustomAllocation};
use crate::hub::LinkedHub;
use crate::hub_name::HubName;
use crate::registration::Failure;

pub(super) async fn choose(core: &Core, job: &Job) -> Result<Choice, Failure> {
    let (id, terms) = (&job.registration.id, job.enrolled.terms());
    // `applyAllocationPolicy` says whether a hub takes part if the enrollment does not name it.
    let names_hubs = terms.iot_hubs.as_ref().is_some_and(|hubs| !hubs.is_empty());
    let taking_part = job
        .hubs
        .iter()
        .filter(|hub| names_hubs || hub.apply_allocation_policy);
    let hub = match (terms.allocation_policy, stays(job)) {
        (AllocationPolicy::Custom, stays) => return custom(core, job, stays).await,
        (_, Some(current)) => Some(current),
        (AllocationPolicy::Hashed, None) => weighted(id, taking_part).map(|hub| &hub.name),
        (AllocationPolicy::GeoLatency, None) => {
            lowest_latency(id, taking_part).map(|hub| &hub.name)
        }
        (AllocationPolicy::Static, None) => fixed(job),
    };
    match hub {
        Some(hub) => Ok(Choice {
            hub: hub.clone(),
            initial_twin: None,
            payload: None,
        }),
        None => Err(failure("No IoT hub that the enrollment may use is linked.")),
    }
}

/// The hub of a device that never gets another.
fn stays(job: &Job) -> Option<&HubName> {
    let policy = job.enrolled.terms().reprovision_policy.unwrap_or_default();
    let current = job.registration.assignment.as_ref();
    current
        .filter(|_| !policy.update_hub_assignment)
        .map(|it| &it.hub)
}

fn fixed(job: &Job) -> Option<&HubName> {
    let named = job.enrolled.terms().iot_hub_host_name.as_ref();
    let fits = |hub: &&LinkedHub| named.is_none_or(|named| named.key() == hub.name.key());
    job.hubs.iter().find(fits).map(|hub| &hub.name)
}

/// Calls the webhook until it decides, or has been called often enough.
async fn custom(core: &Core, job: &Job, stays: Option<&HubName>) -> Result<Choice, Failure> {
    let terms = job.enrolled.terms();
    let Some(CustomAllocation {
        webhook_url,
        api_version,
    }) = &terms.custom_allocation_definition
    else {
        return Err(failure("The enrollment has no customAllocationDefinition."));
    };
    let linked: Vec<HubName> = match stays {
        Some(current) => vec![current.clone()],
        None => job.hubs.iter().map(|hub| hub.name.clone()).collect(),
    };
    let asked = Asked {
        enrolled: &job.enrolled,
        id: &job.registration.id,
        current: job.registration.assignment.as_ref(),
        evidence: &job.registration.attested.evidence,
        payload: job.pending.payload.as_ref(),
        linked: &linked,
    };
    let request = request(&asked, api_version).map_err(|error| failure(&error.to_string()))?;
    let mut waits = waits();
    loop {
        let answer = core.webhook.call(webhook_url, &request).await;
        let answer = answer
            .as_ref()
            .map(|(status, body)| (*status, body.as_slice()));
        match (outcome(answer, &linked), waits.next()) {
            (Outcome::Chosen(choice), _) => return Ok(choice),
            (Outcome::Failed(failure), _) | (Outcome::Retry(failure), None) => return Err(failure),
            (Outcome::Retry(_), Some(wait)) => core.clock().sleep(wait).await,
        }
    }
}
