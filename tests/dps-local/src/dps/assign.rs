//! From a registration that has begun to its end.

use std::sync::Arc;

use super::core::Core;
use super::place::place;
use crate::allocation::{
    Asked, Choice, Enrolled, Outcome, lowest_latency, outcome, request, waits, weighted,
};
use crate::connections::Push;
use crate::enrollment::{AllocationPolicy, CustomAllocation, Group, Individual, Terms};
use crate::hub::LinkedHub;
use crate::hub_name::HubName;
use crate::log::Attempt;
use crate::registration::{Failure, Pending, Registration, Source, Status};
use crate::state::State;

/// What it takes to assign a device, as it was when the registration began.
struct Job {
    registration: Registration,
    pending: Pending,
    enrolled: Enrolled,
    /// That the enrollment names, or all.
    hubs: Vec<LinkedHub>,
}

/// Goes on with what was interrupted.
pub(super) fn resume(core: &Arc<Core>) {
    let state = core.data.read();
    let registrations = state.all::<Registration>().values();
    for registration in registrations.filter(|it| it.is_assigning()) {
        let (key, operation) = (registration.id.key(), registration.operation.clone());
        tokio::spawn(run(Arc::clone(core), key, operation));
    }
}

/// Assigns the device of a registration, or says why not.
pub(super) async fn run(core: Arc<Core>, key: String, operation: String) {
    let job = job(&core.data.read(), &key, &operation);
    let Some(job) = job else {
        return;
    };
    let chosen = match &job {
        Ok(job) => choose(&core, job).await,
        Err(failure) => Err(failure.clone()),
    };
    let ended = core.data.edit(|edit| {
        let before = edit.get::<Registration>(&key)?;
        if before.operation != operation {
            return None;
        }
        let mut registration = before.clone();
        let (mut left, mut created) = (None, None);
        let status = match (&job, chosen) {
            (Ok(job), Ok(choice)) => {
                registration.payload.clone_from(&choice.payload);
                let placed = place(edit, &registration, &job.enrolled, choice);
                registration.assignment = Some(placed.assignment);
                (left, created) = (placed.left, placed.created);
                Status::Assigned(placed.effect.substatus())
            }
            (Err(failure), _) => Status::Failed(failure.clone()),
            (_, Err(failure)) => Status::Failed(failure),
        };
        registration.set(status, core.written_now());
        edit.put(registration.clone());
        Some((registration, left, created))
    });
    // What was not stored is begun again by the next run.
    if let Ok(Some((registration, left, created))) = ended.await {
        if let Some(left) = left {
            core.events.deleted(&left);
            core.connections.push(&left.key(), Push::Close);
        }
        if let Some(created) = created {
            core.events.created(&created);
        }
        record(&core, &registration);
    }
}

/// None if the registration is gone, or another attempt has begun.
fn job(state: &State, key: &str, operation: &str) -> Option<Result<Job, Failure>> {
    let registration = state.get::<Registration>(key)?;
    let Status::Assigning(pending) = &registration.status else {
        return None;
    };
    if registration.operation != operation {
        return None;
    }
    let source = &registration.attested.source;
    let enrolled = match source {
        Source::Individual(id) => state
            .get::<Individual>(&id.key())
            .cloned()
            .map(Enrolled::Individual),
        Source::Group(id) => state.get::<Group>(&id.key()).cloned().map(Enrolled::Group),
    };
    Some(match enrolled {
        Some(enrolled) => Ok(Job {
            hubs: hubs(state, enrolled.terms()),
            enrolled,
            registration: registration.clone(),
            pending: pending.clone(),
        }),
        None => Err(failure("The enrollment was deleted.")),
    })
}

/// The hubs that the enrollment names and that are linked; all linked ones if it names none.
fn hubs(state: &State, terms: &Terms) -> Vec<LinkedHub> {
    match &terms.iot_hubs {
        Some(named) if !named.is_empty() => {
            let linked = named
                .iter()
                .filter_map(|hub| state.get::<LinkedHub>(&hub.key()));
            linked.cloned().collect()
        }
        _ => state.all::<LinkedHub>().values().cloned().collect(),
    }
}

async fn choose(core: &Core, job: &Job) -> Result<Choice, Failure> {
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

/// For which DPS's own code is not known.
fn failure(message: &str) -> Failure {
    Failure {
        code: 400_004,
        message: message.to_owned(),
    }
}

fn record(core: &Core, registration: &Registration) {
    let failure = match &registration.status {
        Status::Failed(failure) => Some(failure),
        Status::Assigned(_) | Status::Assigning(_) => None,
    };
    let hub = registration
        .assignment
        .as_ref()
        .filter(|_| failure.is_none());
    core.record(&Attempt {
        time: registration.updated.clone(),
        registration_id: registration.id.as_str(),
        transport: None,
        attestation_type: Some(registration.attested.evidence.kind()),
        enrollment: Some(registration.attested.source.id().as_str()),
        outcome: registration.status.word(),
        assigned_hub: hub.map(|it| it.hub.as_str()),
        error_code: failure.map(|failure| failure.code),
        error: failure.map(|failure| failure.message.as_str()),
        has_failed_attestation: false,
    });
}
