//! The device API.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::assign;
use super::attest::{AttestationError, Purpose, attest, challenge};
use super::caller::{Answer, Caller, Credential};
use super::core::Core;
use crate::enrollment::{Group, Individual, ProvisioningStatus, Terms, TpmKeys};
use crate::id::RegistrationId;
use crate::issuing::Csr;
use crate::log::Attempt;
use crate::refusal::Refusal;
use crate::registration::{Attested, Pending, Registration, Source};
use crate::state::State;
use crate::store::NotStored;

/// `DeviceRegistration`; SDKs send an empty body, an empty object or `"payload": null` if there is nothing to say.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct DeviceRegistration {
    registration_id: Option<RegistrationId>,
    payload: Option<Value>,
    /// Of a device that attests with its TPM.
    tpm: Option<TpmKeys>,
    /// Base64 of PKCS#10, since 2025-07-01-preview.
    csr: Option<String>,
}

/// What a registration begins with.
enum Begun {
    Assigning {
        operation: String,
    },
    Disabled(Attested),
    /// A key for the device's TPM, wrapped, in base64.
    Challenged(String),
}

/// Why it does not begin.
enum Refused {
    Attestation(AttestationError),
    Other(Refusal),
}

impl From<AttestationError> for Refused {
    fn from(error: AttestationError) -> Self {
        Self::Attestation(error)
    }
}

impl From<NotStored> for Refused {
    fn from(not_stored: NotStored) -> Self {
        Self::Other(not_stored.into())
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Other(refusal)
    }
}

pub(super) async fn register(core: &Arc<Core>, caller: &Caller, body: &[u8]) -> Answer {
    let attempt = Attempt {
        time: core.written_now(),
        registration_id: &caller.registration_id,
        transport: Some(caller.transport.word()),
        ..Attempt::default()
    };
    match begin(core, caller, body).await {
        Ok((id, Begun::Assigning { operation })) => {
            tokio::spawn(assign::run(Arc::clone(core), id.key(), operation.clone()));
            Answer {
                retry_after: Some(core.options.retry_after),
                ..Answer::new(
                    202,
                    json!({ "operationId": operation, "status": "assigning" }),
                )
            }
        }
        Ok((id, Begun::Disabled(attested))) => {
            core.record(&Attempt {
                outcome: "disabled",
                attestation_type: Some(attested.evidence.kind()),
                enrollment: Some(attested.source.id().as_str()),
                ..attempt
            });
            let state = json!({ "registrationId": id, "status": "disabled" });
            let body =
                json!({ "operationId": "", "status": "disabled", "registrationState": state });
            Answer::new(200, body)
        }
        Ok((id, Begun::Challenged(authentication_key))) => {
            core.record(&Attempt {
                outcome: "challenged",
                attestation_type: Some("tpm"),
                enrollment: Some(id.as_str()),
                ..attempt
            });
            let body = json!({
                "message": "Authorization required",
                "authenticationKey": authentication_key,
                "keyName": "registration",
            });
            Answer::new(401, body)
        }
        Err(refused) => {
            let has_failed_attestation = matches!(refused, Refused::Attestation(_));
            let (refusal, why) = match refused {
                Refused::Attestation(error) => (error.refusal(), error.to_string()),
                Refused::Other(refusal) => (refusal.clone(), refusal.message),
            };
            core.record(&Attempt {
                outcome: "refused",
                error_code: Some(refusal.code),
                error: Some(&why),
                has_failed_attestation,
                ..attempt
            });
            Answer::refused(&refusal, core.now())
        }
    }
}

async fn begin(
    core: &Core,
    caller: &Caller,
    body: &[u8],
) -> Result<(RegistrationId, Begun), Refused> {
    let (id, request) = read(core, caller, body)?;
    let csr = request.csr.map(|csr| Csr::read(csr, &id));
    let csr = csr.transpose().map_err(Refusal::invalid)?;
    core.count_registration()?;
    if let (Credential::None, Some(tpm)) = (&caller.credential, request.tpm) {
        let authentication_key = challenge(core, &id, caller, tpm)?;
        return Ok((id, Begun::Challenged(authentication_key)));
    }
    let attested = attest(core, &id, caller, Purpose::Register)?;
    let begun = core.data.edit(|edit| {
        // Of an enrollment that was deleted meanwhile, too.
        if status(edit, &attested.source) == ProvisioningStatus::Disabled {
            return Ok::<_, Refused>(Begun::Disabled(attested));
        }
        if csr.is_some() && !issues(edit, &attested.source) {
            let lacks = "the enrollment has no `certificatePolicyName`: no certificate is issued";
            return Err(Refusal::invalid(lacks).into());
        }
        let payload = request.payload;
        let (pending, now) = (Pending { payload, csr }, core.written_now());
        let registration = match edit.get::<Registration>(&id.key()) {
            Some(before) if before.is_assigning() => return Err(Refusal::conflict().into()),
            Some(before) => {
                let mut registration = before.clone();
                registration.begin(attested, pending, now);
                registration
            }
            None => {
                let count = edit.all::<Registration>().len();
                Refusal::check_count(count, core.options.limits.registrations, "registrations")?;
                Registration::new(id.clone(), attested, pending, now)
            }
        };
        let operation = registration.operation.clone();
        edit.put(registration);
        Ok(Begun::Assigning { operation })
    });
    let begun = begun.await??;
    core.challenges.end(&id);
    Ok((id, begun))
}

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

fn read(
    core: &Core,
    caller: &Caller,
    body: &[u8],
) -> Result<(RegistrationId, DeviceRegistration), Refusal> {
    let id = RegistrationId::try_from(caller.registration_id.clone()).map_err(Refusal::invalid)?;
    let limit = core.options.limits.message_bytes;
    if body.len() > limit {
        return Err(Refusal::too_large(limit));
    }
    let request = match body.trim_ascii() {
        b"" => DeviceRegistration::default(),
        body => serde_json::from_slice(body).map_err(Refusal::invalid)?,
    };
    match &request.registration_id {
        Some(named) if *named != id => Err(Refusal::invalid(format!(
            "the body is about `{named}`, the request about `{id}`"
        ))),
        _ => Ok((id, request)),
    }
}

fn status(state: &State, source: &Source) -> ProvisioningStatus {
    terms(state, source).map_or(ProvisioningStatus::Disabled, |terms| {
        terms.provisioning_status
    })
}

/// Whether devices of the enrollment can ask for a certificate.
fn issues(state: &State, source: &Source) -> bool {
    terms(state, source).is_some_and(|terms| terms.issuing_policy().is_some())
}

fn terms<'s>(state: &'s State, source: &Source) -> Option<&'s Terms> {
    let key = source.id().key();
    match source {
        Source::Individual(_) => state.get::<Individual>(&key).map(|it| &it.terms),
        Source::Group(_) => state.get::<Group>(&key).map(|it| &it.terms),
    }
}
