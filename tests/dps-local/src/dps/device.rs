//! What is known of a device's registration.

use super::attest::{AttestationError, Purpose, attest};
use super::caller::{Answer, Caller};
use super::core::Core;
use super::request::read;
use crate::refusal::Refusal;
use crate::registration::Registration;

pub(super) fn operation(core: &Core, caller: &Caller, operation: &str) -> Answer {
    let answer = find(core, caller, b"").and_then(|registration| {
        if registration.operation != operation {
            return Err(Refusal::not_found("Operation"));
        }
        let is_assigning = registration.is_assigning();
        Ok(Answer {
            retry_after: is_assigning.then_some(core.options.retry_after),
            ..Answer::new(
                if is_assigning { 202 } else { 200 },
                registration.operation_status(),
            )
        })
    });
    answer.unwrap_or_else(|refusal| Answer::refused(&refusal, core.now()))
}

pub(super) fn lookup(core: &Core, caller: &Caller, body: &[u8]) -> Answer {
    match find(core, caller, body) {
        Ok(registration) => Answer::new(200, registration.state()),
        Err(refusal) => Answer::refused(&refusal, core.now()),
    }
}

/// The registration of a device that shows who it is, as for registering.
fn find(core: &Core, caller: &Caller, body: &[u8]) -> Result<Registration, Refusal> {
    let (id, request) = read(core, caller, body)?;
    if request.csr.is_some() {
        return Err(Refusal::invalid("`csr` is for registering only"));
    }
    attest(core, &id, caller, Purpose::Ask).map_err(AttestationError::refusal)?;
    core.count_poll(&id.key())?;
    let registration = core.data.read().get::<Registration>(&id.key()).cloned();
    registration.ok_or_else(|| Refusal::not_found("Registration"))
}
