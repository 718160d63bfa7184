//! From a registration that has begun to its end.

use std::sync::Arc;

use super::choose::choose;
use super::core::Core;
use super::issue::issue;
use super::job::job;
use super::place::place;
use crate::connections::Push;
use crate::log::Attempt;
use crate::registration::{Registration, Status};

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
        let before = edit.get::<Registration>(&key)?.clone();
        if before.operation != operation {
            return None;
        }
        let mut registration = before.clone();
        let (mut left, mut created) = (None, None);
        let chosen = chosen.and_then(|choice| {
            let issued = match &job {
                Ok(job) => issue(edit, job, core.now())?,
                Err(_) => Vec::new(),
            };
            Ok((choice, issued))
        });
        let status = match (&job, chosen) {
            (Ok(job), Ok((choice, issued))) => {
                registration.payload.clone_from(&choice.payload);
                registration.issued = issued;
                match place(edit, &registration, &job.enrolled, choice) {
                    Ok(placed) => {
                        registration.assignment = Some(placed.assignment);
                        (left, created) = (placed.left, placed.created);
                        Status::Assigned(placed.effect.substatus())
                    }
                    Err(failure) => {
                        registration = before;
                        Status::Failed(failure)
                    }
                }
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
