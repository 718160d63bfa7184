//! A registration that has begun, with all that it takes to end it.

use crate::allocation::Enrolled;
use crate::enrollment::{Group, Individual, Terms};
use crate::hub::LinkedHub;
use crate::registration::{Failure, Pending, Registration, Source, Status};
use crate::state::State;

/// What it takes to assign a device, as it was when the registration began.
pub(super) struct Job {
    pub(super) registration: Registration,
    pub(super) pending: Pending,
    pub(super) enrolled: Enrolled,
    /// That the enrollment names, or all.
    pub(super) hubs: Vec<LinkedHub>,
}

/// `None` if the registration is gone, or another attempt has begun.
pub(super) fn job(state: &State, key: &str, operation: &str) -> Option<Result<Job, Failure>> {
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

/// For which DPS's own code is not known.
pub(super) fn failure(message: &str) -> Failure {
    Failure {
        code: 400_004,
        message: message.to_owned(),
    }
}
